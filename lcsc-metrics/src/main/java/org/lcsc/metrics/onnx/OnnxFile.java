package org.lcsc.metrics.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.lcsc.io.Refuse;

/** The files of an ONNX network: tensors may lie in others beside it, as PyTorch exports them. */
final class OnnxFile {

  /**
   * What stands before the name of such a file: the entry {@code location} of a tensor's {@code
   * external_data}, as Protocol Buffers writes a StringStringEntryProto (field 1, its length, the
   * key; field 2).
   */
  private static final byte[] LOCATION = "\n\blocation\u0012".getBytes(StandardCharsets.ISO_8859_1);

  private OnnxFile() {}

  /**
   * The file and those of its tensors that are there; ONNX Runtime refuses the network where one is
   * missing.
   *
   * @throws IOException where it cannot be read
   */
  static List<Path> files(Path model) throws IOException {
    Refuse.file(!Files.isRegularFile(model), "%s: no such file, expected an ONNX network", model);
    TreeSet<String> names = new TreeSet<>();
    try (FileChannel channel = FileChannel.open(model, StandardOpenOption.READ)) {
      // Protocol Buffers ends at 2 GB, and so does a buffer.
      ByteBuffer bytes =
          channel.map(
              FileChannel.MapMode.READ_ONLY, 0, Math.min(channel.size(), Integer.MAX_VALUE));
      for (int at = 0; at + LOCATION.length < bytes.limit(); at++) {
        if (isLocation(bytes, at)) {
          int length = bytes.get(at + LOCATION.length);
          if (length > 0 && at + LOCATION.length + 1 + length <= bytes.limit()) {
            byte[] name = new byte[length];
            bytes.get(at + LOCATION.length + 1, name);
            names.add(new String(name, StandardCharsets.UTF_8));
          }
        }
      }
    }
    return Stream.concat(
            Stream.of(model),
            names.stream()
                .filter(name -> name.indexOf('\0') < 0)
                .map(model::resolveSibling)
                .filter(Files::isRegularFile))
        .toList();
  }

  private static boolean isLocation(ByteBuffer bytes, int at) {
    for (int i = 0; i < LOCATION.length; i++) {
      if (bytes.get(at + i) != LOCATION[i]) {
        return false;
      }
    }
    return true;
  }
}
