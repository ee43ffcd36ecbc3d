# The client class that the desktop ECG apps carry, word for word as it was handed to their authors, and below it a
# drive through one recording as such an app makes it. It stands here to prove that the class works unchanged: do not
# improve it. BACKEND_API_URL says where the server is. Prints one JSON object with every reply.
import requests
import json
from datetime import datetime
from typing import Dict, Any, Optional
import os
from dotenv import load_dotenv

load_dotenv()

class BackendAPI:
    """Handle all backend communication"""
    
    def __init__(self):
        self.base_url = os.getenv('BACKEND_API_URL', 'http://localhost:3000/api/v1')
        self.api_key = os.getenv('BACKEND_API_KEY')
        self.token = None
        self.session_id = None
        
    def set_token(self, token: str):
        """Set JWT token for authenticated requests"""
        self.token = token
        
    def _headers(self) -> Dict[str, str]:
        """Get request headers"""
        headers = {'Content-Type': 'application/json'}
        if self.token:
            headers['Authorization'] = f'Bearer {self.token}'
        elif self.api_key:
            headers['X-API-Key'] = self.api_key
        return headers
    
    def register_user(self, user_data: Dict[str, Any]) -> Dict[str, Any]:
        """Register a new user"""
        response = requests.post(
            f'{self.base_url}/auth/register',
            json=user_data,
            headers=self._headers(),
            timeout=10
        )
        return response.json()
    
    def login(self, identifier: str, password: str) -> Dict[str, Any]:
        """Login user"""
        response = requests.post(
            f'{self.base_url}/auth/login',
            json={'identifier': identifier, 'password': password},
            headers=self._headers(),
            timeout=10
        )
        data = response.json()
        if 'token' in data:
            self.set_token(data['token'])
        return data
    
    def start_session(self, device_serial: str, device_info: Dict) -> str:
        """Start a new recording session"""
        response = requests.post(
            f'{self.base_url}/sessions/start',
            json={'device_serial': device_serial, 'device_info': device_info},
            headers=self._headers(),
            timeout=10
        )
        data = response.json()
        self.session_id = data.get('session_id')
        return self.session_id
    
    def upload_metrics(self, metrics: Dict[str, Any]) -> Dict[str, Any]:
        """Upload real-time metrics"""
        if not self.session_id:
            return {"status": "error", "message": "No active session"}
        
        payload = {
            'timestamp': datetime.utcnow().isoformat() + 'Z',
            'metrics': metrics
        }
        
        response = requests.post(
            f'{self.base_url}/sessions/{self.session_id}/metrics',
            json=payload,
            headers=self._headers(),
            timeout=5
        )
        return response.json()
    
    def upload_waveform(self, leads_data: Dict[str, list], sampling_rate: int) -> Dict[str, Any]:
        """Upload ECG waveform data"""
        if not self.session_id:
            return {"status": "error", "message": "No active session"}
        
        payload = {
            'timestamp': datetime.utcnow().isoformat() + 'Z',
            'sampling_rate': sampling_rate,
            'leads': leads_data
        }
        
        response = requests.post(
            f'{self.base_url}/sessions/{self.session_id}/waveform',
            json=payload,
            headers=self._headers(),
            timeout=10
        )
        return response.json()
    
    def upload_report(self, pdf_path: str, metadata: Dict[str, Any]) -> Dict[str, Any]:
        """Upload generated PDF report"""
        with open(pdf_path, 'rb') as f:
            files = {'file': f}
            data = {'metadata': json.dumps(metadata)}
            
            response = requests.post(
                f'{self.base_url}/reports/upload',
                files=files,
                data=data,
                headers={'Authorization': f'Bearer {self.token}'} if self.token else {},
                timeout=30
            )
            return response.json()
    
    def end_session(self, summary: Dict[str, Any]) -> Dict[str, Any]:
        """End current session"""
        if not self.session_id:
            return {"status": "error", "message": "No active session"}
        
        response = requests.post(
            f'{self.base_url}/sessions/{self.session_id}/end',
            json={'summary': summary},
            headers=self._headers(),
            timeout=10
        )
        self.session_id = None
        return response.json()

# Global instance
_backend_api = None

def get_backend_api() -> BackendAPI:
    """Get or create global backend API instance"""
    global _backend_api
    if _backend_api is None:
        _backend_api = BackendAPI()
    return _backend_api


def drive():
    import math
    import sys
    import tempfile

    name, serial, password = sys.argv[1:4]
    api = get_backend_api()
    replies = {}
    replies['register'] = api.register_user({
        'full_name': name,
        'age': 45,
        'gender': 'Male',
        'phone': '+1234567890',
        'address': '123 Main St',
        'password': password,
        'device_serial': serial,
    })
    replies['login'] = api.login(name, password)
    replies['session'] = api.start_session(serial, {'os': sys.platform, 'app_version': '1.0.0', 'sampling_rate': 80})
    session_id = api.session_id
    replies['metrics'] = [
        api.upload_metrics({
            'heart_rate': 75 + i,
            'pr_interval': 160,
            'qrs_duration': 85,
            'qrs_axis': 45,
            'st_segment': 0,
            'qt_interval': 380,
            'qtc_interval': 400,
            'hrv': 45,
            'rr_interval': 800,
            'sampling_rate': 80,
        })
        for i in range(3)
    ]
    names = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6']
    leads = {lead: [round(math.sin(n / 9 + k), 3) for n in range(400)] for k, lead in enumerate(names)}
    replies['waveform'] = api.upload_waveform(leads, 80)
    with tempfile.NamedTemporaryFile(suffix='.pdf') as pdf:
        pdf.write(b'%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n')
        pdf.flush()
        replies['report'] = api.upload_report(pdf.name, {
            'session_id': session_id,
            'filename': 'ECG_Report_20250108_130000.pdf',
            'patient_name': name,
            'patient_age': 45,
            'metrics': {'heart_rate': 75},
            'conclusion': 'Normal sinus rhythm. No significant abnormalities detected.',
        })
    replies['end'] = api.end_session({
        'duration_seconds': 1800,
        'total_heartbeats': 2250,
        'average_heart_rate': 75,
        'arrhythmias_detected': ['PVC', 'PAC'],
        'signal_quality': 'good',
    })
    replies['after the end'] = api.upload_metrics({'heart_rate': 75})
    headers = api._headers()
    replies['sessions'] = requests.get(f'{api.base_url}/users/{replies["login"]["user_id"]}/sessions', headers=headers).json()
    replies['data'] = requests.get(f'{api.base_url}/sessions/{session_id}/data', headers=headers).json()
    print(json.dumps({'replies': replies, 'leads': leads}))


if __name__ == '__main__':
    drive()
