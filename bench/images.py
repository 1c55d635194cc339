"""What drawing costs beside the bare call of diffusers: the demo on this processor, and on a CUDA device models of
random weights, as large as Stable Diffusion 1.5 and XL.

    python bench/images.py [--rounds N]

Ours and the bare call are measured in turn within one process, so that both meet the same machine; ratios are medians
over the rounds. It needs the extra `images`.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.images_large import KINDS, made
from plugins import Drawing
from plugins.images import Studio
from plugins.images._models import DEMO

PROMPT = "a large red circle at the left on a white background"
STEPS = 20
OVERHEAD, SECONDS = 1.02, 3.0  # what is allowed: our time as a ratio to the bare call's, and of one picture
STATUS = """\
import sys, time
from pathlib import Path
from agent.cli.images import status
began = time.perf_counter()
status.tell_status(as_data=False)
print("SECONDS", time.perf_counter() - began)
print("HEAVY", [name for name in ("torch", "diffusers", "transformers") if name in sys.modules])
"""


def timed(work: Callable[[], object]) -> float:
    """Seconds of a call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def in_turn(rounds: int, *calls: Callable[[], object]) -> list[list[tuple[float, float]]]:
    """Seconds of each of the calls, and of the processor in them, one after the other and then again; the first round
    is not counted."""
    found: list[list[tuple[float, float]]] = [[] for _ in calls]
    for number in range(rounds + 1):
        for seconds, call in zip(found, calls, strict=True):
            before = time.process_time()
            took = timed(call)
            if number:
                seconds.append((took, time.process_time() - before))
    return found


def ratio(ours: list[tuple[float, float]], theirs: list[tuple[float, float]], which: int) -> float:
    """The median over the rounds of our seconds by theirs; `which`: 0 of the clock, 1 of the processor."""
    return statistics.median(a[which] / b[which] for a, b in zip(ours, theirs, strict=True))


def bare(pipeline: Any, seed: int, **more: Any) -> Any:
    """The bare call, with the arguments that ours comes to."""
    import torch

    generator = torch.Generator("cpu").manual_seed(seed)
    return pipeline(prompt=PROMPT, num_inference_steps=STEPS, generator=generator, **more).images


def loaded(folder: Path, kind: Any) -> Any:
    """The pipeline as a script of diffusers loads it, with numbers of this kind."""
    import diffusers

    pipeline = diffusers.DiffusionPipeline.from_pretrained(str(folder), dtype=kind, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def small(rounds: int) -> None:
    """The demo on the processor."""
    import diffusers
    import torch

    diffusers.utils.logging.disable_progress_bar()
    pipeline = loaded(DEMO, torch.float32)
    drawing = Drawing(prompt=PROMPT, seed=1, steps=STEPS, width=32, height=32, guidance_scale=2.0)
    with Studio("demo") as studio:
        first = timed(lambda: list(studio.draw(drawing)))
        ours, theirs = in_turn(
            rounds,
            lambda: list(studio.draw(drawing)),
            lambda: bare(pipeline, 1, guidance_scale=2.0, height=32, width=32),
        )
    mean, other = (statistics.median(one for one, _ in seconds) for seconds in (ours, theirs))
    print(f"{torch.get_num_threads()} threads, the demo, {STEPS} steps, medians of {rounds} rounds")
    times, processor = ratio(ours, theirs, 0), ratio(ours, theirs, 1)
    print(f"  ours {mean:.3f} s, the bare call {other:.3f} s: {times:.3f} times (target: {OVERHEAD})")
    print(f"  of the processor's time {processor:.3f} times, which other work on the machine disturbs less")
    print(f"  one picture of {STEPS} steps: {mean:.2f} s (target: {SECONDS})")
    print(f"  the first picture took {first:.2f} s with loading (torch was imported before), later ones {mean:.2f} s")


def status() -> None:
    """How long `images status` takes by itself, and that it imports nothing heavy."""
    ended = subprocess.run(
        [sys.executable, "-c", STATUS],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent,
    )
    told = dict(line.split(" ", 1) for line in ended.stdout.splitlines() if line.startswith(("SECONDS", "HEAVY")))
    print(
        f"images status: {float(told['SECONDS']) * 1000:.0f} ms by itself, imported of what is heavy: {told['HEAVY']}"
    )


def animated() -> None:
    """What 48 frames take of memory beyond those of 4."""
    if find_spec("plugins.images.animating") is None:
        print("animation: not there")
        return
    from plugins.testing import Trial

    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        for frames in (4, 48):
            with Trial(Path(folder) / str(frames)) as trial:
                made = trial.call("animate_images", prompt="a red circle", frames=frames)
                if not made.ok:
                    print(f"animation: {made.error.message if made.error else made.text}")
                    return
            peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    print(f"animation: peak {peaks[0]} MB after 4 frames, {peaks[1]} MB after 48")


def on_device(rounds: int, *, tiny: bool) -> None:
    """Pictures a second and the most memory of large models on a CUDA device, ours beside the bare call. `tiny`: small
    ones of the same shape, on whatever is there, to try this bench out."""
    import torch

    if not torch.cuda.is_available() and not tiny:
        print("no CUDA device: nothing large was measured")
        return
    print(torch.cuda.get_device_name() if torch.cuda.is_available() else "tiny models of the same shapes")
    print(f"{'':<10}{'batch':>6}{'ours /s':>10}{'bare /s':>10}{'ours GB':>9}{'bare GB':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for kind, side in KINDS.items():
            model = made(Path(folder) / kind, kind, tiny=tiny, half=torch.cuda.is_available())
            for batch in (1, 4, 16):
                _tell(kind, batch, *_large(model, 64 if tiny else side, batch, rounds))


def _large(model: Path, side: int, batch: int, rounds: int) -> tuple[float, float, float, float]:
    """Pictures a second of ours, which draws them one by one so that each depends on its seed alone, and of the bare
    call, which draws them at once; and the most memory of each in GB."""
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    drawing = Drawing(prompt=PROMPT, seed=1, steps=STEPS, width=side, height=side, count=batch, guidance_scale=7.0)
    with Studio("diffusers", model=model) as studio:
        list(studio.draw(drawing))
        ours, ours_most = _most(lambda: list(studio.draw(drawing)), rounds)
    pipeline = loaded(model, torch.float16 if device == "cuda" else torch.float32).to(device)
    more = {"height": side, "width": side, "guidance_scale": 7.0, "num_images_per_prompt": batch}
    bare(pipeline, 1, **more)
    theirs, theirs_most = _most(lambda: bare(pipeline, 1, **more), rounds)
    return batch / ours, batch / theirs, ours_most, theirs_most


def _most(work: Callable[[], object], rounds: int) -> tuple[float, float]:
    """The median seconds, and the most memory of the device in GB."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    seconds = statistics.median(timed(work) for _ in range(rounds))
    return seconds, torch.cuda.max_memory_allocated() / 1e9 if torch.cuda.is_available() else 0.0


def _tell(kind: str, batch: int, ours: float, theirs: float, ours_most: float, theirs_most: float) -> None:
    print(f"{kind:<10}{batch:>6}{ours:>10.2f}{theirs:>10.2f}{ours_most:>9.2f}{theirs_most:>9.2f}", flush=True)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="What drawing costs beside the bare call.")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tiny", action="store_true", help="small models in place of large ones, to try it out")
    given = parser.parse_args()
    print(f"{os.cpu_count()} processors")
    status()
    if any(find_spec(name) is None for name in ("torch", "diffusers", "transformers")):
        print("the extra `images` is not installed: nothing was drawn")
        return
    small(given.rounds)
    animated()
    on_device(given.rounds, tiny=given.tiny)


if __name__ == "__main__":
    main()
