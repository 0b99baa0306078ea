"""Reads what nvitop's screen shows, through nvitop's library and without a screen, at 1 Hz."""

import time

from nvitop import Device

devices = Device.all()
due = time.monotonic()
while True:
    snapshots = [device.as_snapshot() for device in devices]
    processes = [
        process.as_snapshot() for device in devices for process in device.processes().values()
    ]
    print(len(snapshots), len(processes), flush=True)
    due += 1.0
    time.sleep(max(0.0, due - time.monotonic()))
