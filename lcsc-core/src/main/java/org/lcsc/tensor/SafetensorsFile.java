package org.lcsc.tensor;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.lcsc.config.Printable;
import org.lcsc.io.Json;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;

/**
 * A safetensors file (huggingface/safetensors, README "Format"). Opening it reads the header alone
 * and checks it as the reference implementation does: the offsets of all tensors must fill the rest
 * of the file without gaps and overlaps, and agree with types and shapes.
 *
 * <p>Values are read from the position where they lie, not through a memory map: a file that is cut
 * short meanwhile is then an exception, where a map would end the process. Thread-safe.
 */
public final class SafetensorsFile implements TensorFile {

  /** Largest header that is read; those of the largest models have a few megabytes. */
  private static final int MAX_HEADER = Json.MAX_BYTES;

  private static final String METADATA = "__metadata__";

  private static final JsonMapper JSON =
      Json.mapper()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Path file;

  /** Not a channel: an interrupt of one thread that reads would close it for all. */
  private final RandomAccessFile bytes;

  private final List<Tensor> tensors;
  private final Map<String, Long> offsets;
  private final Map<String, String> metadata;

  private SafetensorsFile(
      Path file,
      RandomAccessFile bytes,
      List<Tensor> tensors,
      Map<String, Long> offsets,
      Map<String, String> metadata) {
    this.file = file;
    this.bytes = bytes;
    this.tensors = tensors;
    this.offsets = offsets;
    this.metadata = metadata;
  }

  /** See {@link CheckpointFormat#open}. */
  static SafetensorsFile open(Path file) throws IOException {
    Refuse.file(!Files.exists(file), "%s: no such file", file);
    RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "r");
    try {
      return read(file, bytes);
    } catch (JsonProcessingException e) {
      bytes.close();
      throw new IOException(file + ": its header is no JSON: " + Json.problem(e), e);
    } catch (EOFException e) {
      bytes.close();
      throw new IOException(file + ": is cut short", e);
    } catch (IOException | IllegalArgumentException e) {
      bytes.close();
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static SafetensorsFile read(Path file, RandomAccessFile bytes) throws IOException {
    ByteBuffer start = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    readFully(bytes, 0, start);
    long length = start.getLong(0);
    Refuse.file(
        length < 2 || length > MAX_HEADER,
        "no safetensors file: its header is of %s bytes, allowed: 2 to %s",
        Long.toUnsignedString(length),
        MAX_HEADER);
    long data = Long.BYTES + length;
    if (bytes.length() < data) {
      throw new EOFException();
    }
    ByteBuffer header = ByteBuffer.allocate((int) length);
    readFully(bytes, Long.BYTES, header);
    if (!(JSON.readTree(header.array()) instanceof ObjectNode root)) {
      throw new IOException("no safetensors file: its header is no object");
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    Map<Tensor, long[]> places = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : root.properties()) {
      if (entry.getKey().equals(METADATA)) {
        for (Map.Entry<String, JsonNode> text : entry.getValue().properties()) {
          metadata.put(text.getKey(), text.getValue().asText());
        }
      } else {
        place(entry.getKey(), entry.getValue(), places);
      }
    }
    List<Map.Entry<Tensor, long[]>> ordered = new ArrayList<>(places.entrySet());
    ordered.sort(
        Comparator.<Map.Entry<Tensor, long[]>>comparingLong(e -> e.getValue()[0])
            .thenComparingLong(e -> e.getValue()[1]));
    long end = 0;
    Map<String, Long> offsets = new LinkedHashMap<>();
    for (Map.Entry<Tensor, long[]> entry : ordered) {
      long begin = entry.getValue()[0];
      if (begin != end) {
        throw new IOException(
            Text.format(
                "tensor %s begins at byte %d of the values, the one before it ends at %d, allowed:"
                    + " no gaps and no overlaps",
                shown(entry.getKey().name()), begin, end));
      }
      end = entry.getValue()[1];
      offsets.put(entry.getKey().name(), data + begin);
    }
    if (bytes.length() - data < end) {
      throw new EOFException();
    }
    if (bytes.length() - data > end) {
      throw new IOException(bytes.length() - data - end + " bytes follow the last tensor");
    }
    return new SafetensorsFile(
        file,
        bytes,
        ordered.stream().map(Map.Entry::getKey).toList(),
        offsets,
        Collections.unmodifiableMap(metadata));
  }

  private static void place(String name, JsonNode node, Map<Tensor, long[]> places)
      throws IOException {
    String what = "tensor " + shown(name);
    String dtype = node.path("dtype").asText();
    TensorType type =
        Arrays.stream(TensorType.values())
            .filter(t -> t.safetensors().equals(dtype))
            .findFirst()
            .orElseThrow(
                () ->
                    new IOException(
                        what
                            + ": unknown type ("
                            + shown(dtype)
                            + "), allowed: "
                            + String.join(
                                ", ",
                                Arrays.stream(TensorType.values())
                                    .map(TensorType::safetensors)
                                    .toList())));
    List<Long> shape = longs(what + ": shape", node.path("shape"));
    List<Long> span = longs(what + ": data_offsets", node.path("data_offsets"));
    Tensor tensor;
    try {
      tensor = new Tensor(name, type, shape);
    } catch (IllegalArgumentException e) {
      throw new IOException(what + ": " + e.getMessage(), e);
    }
    if (span.size() != 2
        || span.get(0) < 0
        || span.get(1) < span.get(0)
        || span.get(1) - span.get(0) != tensor.bytes()) {
      throw new IOException(
          what + ": data_offsets " + span + " do not fit " + tensor.layout() + ", damaged");
    }
    places.put(tensor, new long[] {span.get(0), span.get(1)});
  }

  private static List<Long> longs(String what, JsonNode node) throws IOException {
    List<Long> values = new ArrayList<>();
    for (JsonNode value : node) {
      if (!value.canConvertToLong() || !value.isIntegralNumber()) {
        throw new IOException(what + " is not readable");
      }
      values.add(value.longValue());
    }
    Refuse.file(!node.isArray(), "%s is missing", what);
    return values;
  }

  private static String shown(String name) {
    return Printable.oneLine(name);
  }

  /** Fills a buffer on the heap. */
  private static void readFully(RandomAccessFile bytes, long from, ByteBuffer target)
      throws IOException {
    synchronized (bytes) {
      bytes.seek(from);
      bytes.readFully(target.array(), target.arrayOffset() + target.position(), target.remaining());
    }
    target.position(target.limit());
  }

  @Override
  public List<Tensor> tensors() {
    return tensors;
  }

  @Override
  public Map<String, String> metadata() {
    return metadata;
  }

  @Override
  public void read(Tensor tensor, long from, ByteBuffer target) throws IOException {
    try {
      readFully(bytes, offsets.get(tensor.name()) + from, target);
    } catch (EOFException e) {
      throw new IOException(file + ": is cut short", e);
    }
  }

  @Override
  public void rewrite(Path target, TensorValues values) throws IOException {
    write(target, tensors, metadata, values);
  }

  @Override
  public void close() throws IOException {
    bytes.close();
  }

  /**
   * Writes a file, straight to the path; see {@link TensorFile#rewrite}.
   *
   * @param tensors in the order in which they lie in the file
   * @param metadata texts beside them
   * @throws IOException where a value cannot be read or the file not be written
   */
  public static void write(
      Path target, List<Tensor> tensors, Map<String, String> metadata, TensorValues values)
      throws IOException {
    ObjectNode root = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      // Sorted: equal contents make equal files.
      new TreeMap<>(metadata).forEach(root.putObject(METADATA)::put);
    }
    long end = 0;
    for (Tensor tensor : tensors) {
      ObjectNode node = root.putObject(tensor.name());
      node.put("dtype", tensor.type().safetensors());
      tensor.shape().forEach(node.putArray("shape")::add);
      node.putArray("data_offsets").add(end).add(end + tensor.bytes());
      end += tensor.bytes();
    }
    byte[] json = JSON.writeValueAsString(root).getBytes(StandardCharsets.UTF_8);
    int length = (json.length + 7) / 8 * 8;
    byte[] header = Arrays.copyOf(json, length);
    Arrays.fill(header, json.length, length, (byte) ' ');
    try (OutputStream out = Files.newOutputStream(target)) {
      ByteBuffer start =
          ByteBuffer.allocate(Long.BYTES + length)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(length)
              .put(header);
      out.write(start.array());
      for (Tensor tensor : tensors) {
        values.stream(tensor, piece -> out.write(piece.array(), 0, piece.remaining()));
      }
    }
  }
}
