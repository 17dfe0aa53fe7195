"""Train with the rounding that the int8 graph will do, so that the network learns to bear it.

The exported graph rounds weights to 7 bits per output channel and activations to 8 bits per batch (ONNX
Runtime's dynamic quantisation). Done afterwards, that changes 3–9 % of labels. Done while training, gradients pass
through the rounding as if it were not there (straight-through estimator). One epoch takes a third of the changes
away; the few products that still suffer stay in fp16 (`nlp.training.export`).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

_WEIGHT_STEPS = 63  # symmetric 7 bits: what processors without VNNI sum without overflow
_ACTIVATION_STEPS = 255


class RoundedLinear(nn.Linear):
    """`nn.Linear` that sees its weight and its input as the int8 graph will. Same parameters, same names."""

    def forward(self, input: Tensor) -> Tensor:
        with torch.autocast(input.device.type, enabled=False):
            seen, weight = round_activation(input.float()), round_weight(self.weight)
        return functional.linear(seen, weight, self.bias)


def rounding(network: nn.Module, *, on: bool) -> None:
    """Switch the rounding of every linear layer of `network` but its heads on or off, in place."""
    for name, module in network.named_modules():
        if isinstance(module, nn.Linear) and not name.startswith("heads"):
            module.__class__ = RoundedLinear if on else nn.Linear


def round_weight(weight: Tensor) -> Tensor:
    """Rounded per output channel: shape (out, in)."""
    scale = weight.detach().abs().amax(dim=1, keepdim=True).clamp_min(1e-12) / _WEIGHT_STEPS
    return _through(weight, (weight.detach() / scale).round_() * scale)


def round_activation(values: Tensor) -> Tensor:
    """Rounded over the whole batch, with zero kept exact."""
    held = values.detach()
    low, high = held.amin().clamp_max(0), held.amax().clamp_min(0)
    scale = ((high - low) / _ACTIVATION_STEPS).clamp_min(1e-12)
    zero = (-low / scale).round()
    steps = (held / scale).round_().add_(zero).clamp_(0, _ACTIVATION_STEPS)
    return _through(values, (steps - zero) * scale)


def _through(values: Tensor, rounded: Tensor) -> Tensor:
    return values + (rounded - values.detach())
