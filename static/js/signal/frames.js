/* The page's one animation loop. Everything that moves registers a function here; it is called once per screen refresh
 * with the time in milliseconds, in order of registration. One loop, so that sixty sweeps cost one callback. */

const callbacks = new Set();
let running = false;

function frame(nowMs) {
    for (const callback of callbacks) callback(nowMs);
    running = callbacks.size > 0;
    if (running) requestAnimationFrame(frame);
}

export function eachFrame(callback) {
    callbacks.add(callback);
    if (!running) {
        running = true;
        requestAnimationFrame(frame);
    }
    return () => callbacks.delete(callback);
}
