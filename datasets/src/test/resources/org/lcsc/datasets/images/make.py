"""Writes small images of every kind, and the values that Pillow decodes them to (expected.txt: name,
tolerance, RGB bytes in hexadecimal, or "refused"). Run with Pillow: python3 make.py"""
import io, os, struct, zlib
from PIL import Image

S = 16
os.chdir(os.path.dirname(os.path.abspath(__file__)))
lines = []


def gradient(x, y):
    return (x * 16, y * 16, (x * 7 + y * 9) % 256)


rgb = Image.new("RGB", (S, S))
rgb.putdata([gradient(x, y) for y in range(S) for x in range(S)])
alpha = Image.new("L", (S, S))
alpha.putdata([(x * 40 + y) % 256 for y in range(S) for x in range(S)])


def expect(name, data, tolerance=0, values=None, refused=False):
    open(name, "wb").write(data)
    if refused:
        lines.append(f"{name} refused")
        return
    if values is None:
        values = Image.open(io.BytesIO(data)).convert("RGB").tobytes()
    lines.append(f"{name} {tolerance} {bytes(values).hex()}")


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(bits, colour, rows, extra=b""):
    head = struct.pack(">IIBBBBB", S, S, bits, colour, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + chunk(b"IDAT", body) + chunk(b"IEND", b"")


# PNG
expect("rgb.png", saved(rgb, "png"))
expect("interlaced-gamma.png", png(8, 2, [rgb.tobytes()[48 * y : 48 * y + 48] for y in range(S)], chunk(b"gAMA", struct.pack(">I", 100000))))
expect("grey.png", saved(rgb.convert("L"), "png"))
expect("bilevel.png", saved(rgb.convert("1"), "png"))
expect("palette.png", saved(rgb.quantize(60), "png"))
expect("palette-transparent.png", saved(rgb.quantize(60), "png", transparency=3))
rgba = rgb.copy()
rgba.putalpha(alpha)
expect("rgba.png", saved(rgba, "png"))
grey_alpha = rgb.convert("L")
grey_alpha.putalpha(alpha)
expect("grey-alpha.png", saved(grey_alpha, "png"))
expect("grey4.png", png(4, 0, [bytes((y * 16 + x * 3) % 256 for x in range(S // 2)) for y in range(S)]))
expect("grey2.png", png(2, 0, [bytes((y * 31 + x * 77) % 256 for x in range(S // 4)) for y in range(S)]))
# Of 16 bits the upper 8; Pillow does so for colour, and clips grey.
sixteen = [[(x * 4097 + y * 255) % 65536 for x in range(S)] for y in range(S)]
expect("grey16.png", png(16, 0, [struct.pack(f">{S}H", *row) for row in sixteen]),
       values=[v >> 8 for row in sixteen for v in row for _ in range(3)])
colour16 = [[c * 257 - (128 if c else 0) for x in range(S) for c in gradient(x, y)] for y in range(S)]
expect("rgb16.png", png(16, 2, [struct.pack(f">{3 * S}H", *row) for row in colour16]))

# JPEG: decoders differ by rounding where colours are subsampled.
expect("grey.jpg", saved(rgb.convert("L"), "jpeg", quality=90), 1)
expect("rgb444.jpg", saved(rgb, "jpeg", quality=90, subsampling=0), 2)
expect("rgb420.jpg", saved(rgb, "jpeg", quality=90, subsampling=2), 3)
expect("progressive.jpg", saved(rgb, "jpeg", quality=90, progressive=True, subsampling=1), 3)
from PIL import ImageCms
profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
expect("icc.jpg", saved(rgb, "jpeg", quality=90, subsampling=0, icc_profile=profile), 2)
exif = Image.Exif()
exif[0x0112] = 6
expect("rotated.jpg", saved(rgb, "jpeg", quality=90, subsampling=0, exif=exif), 2)
whole = saved(rgb, "jpeg", quality=95, subsampling=0)
expect("no-end-marker.jpg", whole[:-2], refused=True)
expect("cut.jpg", whole[: len(whole) * 9 // 10], refused=True)
expect("cmyk.jpg", saved(rgb.convert("CMYK"), "jpeg", quality=90), refused=True)

# BMP
expect("rgb.bmp", saved(rgb, "bmp"))
expect("palette.bmp", saved(rgb.quantize(60), "bmp"))
expect("grey.bmp", saved(rgb.convert("L"), "bmp"))
expect("bilevel.bmp", saved(rgb.convert("1"), "bmp"))
expect("rgba.bmp", saved(rgba, "bmp"))


def bmp16(bits, masks):
    words = [(r >> 3) << (5 + (6 if masks else 5)) | (g >> (2 if masks else 3)) << 5 | b >> 3
             for y in reversed(range(S)) for x in range(S) for r, g, b in [gradient(x, y)]]
    data = struct.pack(f"<{S * S}H", *words)
    extra = struct.pack("<III", 0xF800, 0x07E0, 0x001F) if masks else b""
    offset = 54 + len(extra)
    return struct.pack("<2sIHHIIiiHHIIiiII", b"BM", offset + len(data), 0, 0, offset, 40, S, S, 1, bits,
                       3 if masks else 0, len(data), 0, 0, 0, 0) + extra + data


expect("rgb565.bmp", bmp16(16, True), 1)
expect("rgb555.bmp", bmp16(16, False), 1)

# Other formats under an ending that is read.
expect("gif-inside.png", saved(rgb.quantize(60), "gif"), refused=True)
expect("tiff-inside.jpg", saved(rgb, "tiff"), refused=True)

open("expected.txt", "w").write("\n".join(lines) + "\n")
