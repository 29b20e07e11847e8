"""The picture and the sound that the fake devices play."""

import pathlib
import wave

import numpy as np

WIDTH, HEIGHT, RATE = 1280, 720, 30


def write_camera(path: pathlib.Path):
    """A textured picture that moves all the time, so that an encoder needs the bits of a real one, but no more than each
    layer has: an encoder short of bits drops frames, which no server can give back. Loops seamlessly."""
    random = np.random.default_rng(7)
    across = 2 * np.pi * np.arange(WIDTH) / WIDTH
    down = 2 * np.pi * np.arange(HEIGHT) / HEIGHT
    hills = 40 * np.sin(5 * across)[None, :] * np.cos(3 * down)[:, None] + 20 * np.sin(9 * across)[None, :]
    # The grain costs the top layer its bits; scaling down averages it away.
    luma = (128 + hills + random.integers(-4, 5, (HEIGHT, WIDTH))).clip(16, 235).astype(np.uint8)
    chroma = np.stack([luma[::2, ::2] // 4 + 90, 160 - luma[::2, ::2] // 4])
    step = 20
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C420jpeg\n".encode())
        for frame in range(WIDTH // step):
            file.write(b"FRAME\n")
            file.write(np.roll(luma, frame * step, axis=1).tobytes())
            for plane in chroma:
                file.write(np.roll(plane, frame * step // 2, axis=1).tobytes())


def write_microphone(path: pathlib.Path, seconds=4, rate=48_000):
    """A tone of whole periods that swells and falls."""
    time = np.arange(seconds * rate) / rate
    samples = 9000 * np.sin(2 * np.pi * 440 * time) * (0.6 + 0.4 * np.sin(2 * np.pi * time))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
