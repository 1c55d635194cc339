"""Scores of pictures by their formulas: of sets of them, of one against another, and of pictures against words.

They are computed from features that somebody else extracted; what a figure means depends on by whom, so it is never
told without that.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from plugins._outcome import ToolError

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["clip_score", "fid", "frechet_distance", "inception_score", "psnr", "ssim"]

_WINDOW, _SIGMA = 11, 1.5
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def frechet_distance(mean: Any, covariance: Any, other_mean: Any, other_covariance: Any) -> float:
    """The squared Frechet distance of two Gaussians (Heusel 2017): |m1 - m2|² + tr(C1 + C2 - 2 (C1 C2)^½).

    The trace of the root of C1 C2 is that of the root of C1^½ C2 C1^½, which is symmetric, so that its eigenvalues are
    real whatever rounding does.
    """
    import numpy as np

    root = _root(covariance)
    shared = np.linalg.eigvalsh(root @ other_covariance @ root)
    apart = np.asarray(mean) - np.asarray(other_mean)
    whole = apart @ apart + np.trace(covariance) + np.trace(other_covariance)
    return max(0.0, float(whole - 2 * np.sqrt(np.clip(shared, 0, None)).sum()))


def _root(covariance: Any) -> Any:
    import numpy as np

    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T


def fid(features: Any, others: Any) -> float:
    """The Frechet distance of two sets of features, (n, d) each: 0 where they are the same.

    Raises:
        ToolError: one has fewer than two.
    """
    import numpy as np

    for one in (features, others):
        if len(one) < 2:
            raise ToolError("a FID needs at least two pictures on each side", hint="score more pictures")
    means, covariances = zip(
        *((one.mean(axis=0), np.cov(one, rowvar=False)) for one in (features, others)), strict=True
    )
    return frechet_distance(means[0], np.atleast_2d(covariances[0]), means[1], np.atleast_2d(covariances[1]))


def inception_score(probabilities: Any) -> float:
    """exp of the mean KL divergence of each picture's classes from those of all (Salimans 2016), (n, classes): from 1
    (no picture tells its class, or all have the same) to the number of classes. All pictures are one split."""
    import numpy as np

    shares = np.asarray(probabilities, dtype=np.float64)
    all_ = shares.mean(axis=0, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(shares > 0, shares * (np.log(shares) - np.log(all_)), 0.0)
    return float(np.exp(terms.sum(axis=1).mean()))


def clip_score(cosine: float) -> float:
    """2.5 max(cos, 0) (Hessel 2021): how well a picture goes with words, from 0 to 2.5; of real pictures with their
    captions 0.8 or so."""
    return 2.5 * max(cosine, 0.0)


def psnr(image: Image, reference: Image) -> float:
    """The peak signal-to-noise ratio of two RGB pictures in decibels; infinite where they are the same."""
    import numpy as np

    one, other = (np.asarray(each.convert("RGB"), dtype=np.float64) for each in _alike(image, reference))
    error = float(((one - other) ** 2).mean())
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


def ssim(image: Image, reference: Image) -> float:
    """The structural similarity of two pictures (Wang 2004): of their brightness, in Gaussian windows of 11 x 11 with
    a deviation of 1.5, where these are whole; 1 where they are the same.

    Raises:
        ToolError: they are smaller than that, or not of the same size.
    """
    import numpy as np

    _alike(image, reference)
    if min(image.size) < _WINDOW:
        raise ToolError(f"SSIM needs pictures of at least {_WINDOW} x {_WINDOW} pixels", hint="leave ssim out")
    one, other = (np.asarray(each.convert("L"), dtype=np.float64) for each in (image, reference))
    mean, other_mean = _seen(one), _seen(other)
    variance = _seen(one * one) - mean**2
    other_variance = _seen(other * other) - other_mean**2
    shared = _seen(one * other) - mean * other_mean
    above = (2 * mean * other_mean + _C1) * (2 * shared + _C2)
    below = (mean**2 + other_mean**2 + _C1) * (variance + other_variance + _C2)
    return float((above / below).mean())


def _seen(values: Any) -> Any:
    """Through the Gaussian window, where it is whole."""
    import numpy as np

    at = np.arange(_WINDOW) - _WINDOW // 2
    weights = np.exp(-(at**2) / (2 * _SIGMA**2))
    weights /= weights.sum()
    for axis in (0, 1):
        values = np.lib.stride_tricks.sliding_window_view(values, _WINDOW, axis=axis) @ weights
    return values


def _alike(image: Image, reference: Image) -> tuple[Image, Image]:
    if image.size != reference.size:
        raise ToolError(
            f"a picture of {image.width} x {image.height} cannot be compared with one of "
            f"{reference.width} x {reference.height}, pixel by pixel",
            hint="leave ssim and psnr out, or bring them to one size",
        )
    return image, reference
