# The peer that the waveform figure stands beside: the same body, read by the usual Python stack (FastAPI, pydantic,
# asyncpg, uvloop) and inserted, one durable row a request, into a database of the same cluster.
#
# HEARTLINE_PEER_SOCKETS and HEARTLINE_PEER_USER say where the cluster is; the database is `peer`.
import datetime
import os

import asyncpg
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
pool = None


class Waveform(BaseModel):
    timestamp: datetime.datetime
    sampling_rate: float
    leads: dict[str, list[float]]


@app.on_event("startup")
async def connect():
    global pool
    pool = await asyncpg.create_pool(
        host=os.environ["HEARTLINE_PEER_SOCKETS"], user=os.environ["HEARTLINE_PEER_USER"], database="peer",
        min_size=8, max_size=8)


@app.post("/sessions/{session}/waveform", status_code=201)
async def waveform(session: str, body: Waveform):
    names = list(body.leads)
    columns = ", ".join(f'"{name}"' for name in names if name in LEADS)
    places = ", ".join(f"${i + 4}" for i, name in enumerate(names) if name in LEADS)
    row = await pool.fetchval(
        f"insert into waveforms (session, time, sampling_rate, {columns}) values ($1, $2, $3, {places}) returning id",
        session, body.timestamp, body.sampling_rate, *(body.leads[name] for name in names if name in LEADS))
    return {"status": "success", "waveform_id": f"waveform_{row}"}


LEADS = {"I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"}
