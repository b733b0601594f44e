package org.lcsc.tensor;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.lcsc.config.Printable;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.lcsc.io.ZipFiles;

/**
 * A file of PyTorch's {@code torch.save}: a zip file with a pickle that describes the tensors (see
 * {@link TorchPickle}), and a member for every storage. The name of a tensor is the keys that lead
 * to it, joined by dots. What is written anew is the same file with other values in the storages.
 */
final class TorchFile implements TensorFile {

  private static final String PICKLE = "/data.pkl";

  private static final byte[] LITTLE = "little".getBytes(StandardCharsets.US_ASCII);

  /** The pickle of the largest models takes some megabytes. */
  private static final int MAX_PICKLE = 1 << 26;

  private static final int MAX_DEPTH = 50;

  /** A pickle in which nothing is shared holds fewer: each takes a byte or more. */
  private static final int MAX_VALUES = MAX_PICKLE;

  private final Path file;
  private final ZipFile zip;
  private final String root;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final Map<String, TorchPickle.View> views = new HashMap<>();
  private final Map<String, ZipMember> members = new HashMap<>();
  private int values;

  private TorchFile(Path file, ZipFile zip, String root) {
    this.file = file;
    this.zip = zip;
    this.root = root;
  }

  static TorchFile open(Path file) throws IOException {
    ZipFile zip =
        ZipFiles.open(file, "no zip file of torch.save, as PyTorch 1.6 and later write it");
    try {
      ZipEntry pickle =
          zip.stream()
              .map(ZipEntry.class::cast)
              .filter(entry -> entry.getName().endsWith(PICKLE))
              .findFirst()
              .orElseThrow(() -> new IOException("holds no data.pkl, so it is not of torch.save"));
      String root = pickle.getName().substring(0, pickle.getName().length() - PICKLE.length());
      TorchFile torch = new TorchFile(file, zip, root);
      ZipEntry order = zip.getEntry(root + "/byteorder");
      if (order != null && !Arrays.equals(torch.bytes(order, 16), LITTLE)) {
        throw new IOException("is big-endian, allowed: files of little-endian machines");
      }
      torch.collect("", TorchPickle.read(torch.bytes(pickle, MAX_PICKLE)), 0);
      return torch;
    } catch (IOException | RuntimeException e) {
      zip.close();
      throw new IOException(file + ": " + Text.reason(e), e);
    }
  }

  private byte[] bytes(ZipEntry entry, int most) throws IOException {
    try (InputStream in = zip.getInputStream(entry)) {
      byte[] bytes = in.readNBytes(most + 1);
      Refuse.file(bytes.length > most, "%s is larger than %s bytes", entry.getName(), most);
      return bytes;
    }
  }

  private void collect(String name, Object value, int depth) throws IOException {
    Refuse.file(depth > MAX_DEPTH, "dictionaries in it are nested too deeply");
    // A container that holds another twice, and that one a third, doubles them at every depth.
    Refuse.file(++values > MAX_VALUES, "holds more than %s values", MAX_VALUES);
    if (value instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        collect(joined(name, entry.getKey()), entry.getValue(), depth + 1);
      }
    } else if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        collect(joined(name, i), list.get(i), depth + 1);
      }
    } else if (value instanceof TorchPickle.View view) {
      add(name, view);
    }
  }

  private static String joined(String name, Object key) {
    return name.isEmpty() ? String.valueOf(key) : name + "." + key;
  }

  private void add(String name, TorchPickle.View view) throws IOException {
    String what = "tensor " + Printable.oneLine(name);
    Tensor tensor;
    try {
      tensor = new Tensor(name, view.storage().type(), view.shape());
    } catch (IllegalArgumentException e) {
      throw new IOException(what + ": " + e.getMessage(), e);
    }
    if (!isRowMajor(view)) {
      throw new IOException(
          what + " is not contiguous, allowed: tensors saved after .contiguous()");
    }
    ZipEntry entry = zip.getEntry(root + "/data/" + view.storage().key());
    Refuse.file(entry == null, "%s: its storage %s is missing", what, view.storage().key());
    long first = view.offset() * tensor.type().bytes();
    if (view.offset() < 0 || first < 0 || entry.getSize() - first < tensor.bytes()) {
      throw new IOException(what + ": exceeds its storage, damaged");
    }
    Refuse.file(tensors.put(name, tensor) != null, "%s is there twice", what);
    views.put(name, view);
    if (!members.containsKey(view.storage().key())) {
      members.put(view.storage().key(), new ZipMember(file, zip, entry));
    }
  }

  private static boolean isRowMajor(TorchPickle.View view) {
    // Of no elements the strides do not matter: PyTorch's own of a shape [3, 0] are 1, 1.
    if (view.shape().contains(0L)) {
      return true;
    }
    long expected = 1;
    for (int axis = view.shape().size() - 1; axis >= 0; axis--) {
      long extent = view.shape().get(axis);
      if (extent > 1 && view.stride().get(axis) != expected) {
        return false;
      }
      expected *= extent;
    }
    return true;
  }

  @Override
  public List<Tensor> tensors() {
    return List.copyOf(tensors.values());
  }

  @Override
  public Map<String, String> metadata() {
    return Map.of();
  }

  private long first(Tensor tensor) {
    return views.get(tensor.name()).offset() * tensor.type().bytes();
  }

  @Override
  public void read(Tensor tensor, long from, ByteBuffer target) throws IOException {
    String key = views.get(tensor.name()).storage().key();
    read(key, first(tensor) + from, target);
  }

  private void read(String key, long from, ByteBuffer target) throws IOException {
    try {
      members.get(key).read(from, target);
    } catch (EOFException e) {
      throw new IOException(file + ": storage " + key + " is cut short", e);
    } catch (IOException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /** Tensors by the member of their storage; of two that begin together first the longer. */
  private Map<String, List<Tensor>> byStorage() {
    Map<String, List<Tensor>> byStorage = new HashMap<>();
    tensors.values().stream()
        .sorted(
            Comparator.comparingLong(this::first)
                .thenComparing(Comparator.comparingLong(Tensor::bytes).reversed()))
        .forEach(
            tensor ->
                byStorage
                    .computeIfAbsent(
                        root + "/data/" + views.get(tensor.name()).storage().key(),
                        k -> new ArrayList<>())
                    .add(tensor));
    return byStorage;
  }

  @Override
  public List<List<String>> tied() {
    List<List<String>> tied = new ArrayList<>();
    for (List<Tensor> parts : byStorage().values()) {
      List<String> set = new ArrayList<>();
      long end = 0;
      for (Tensor part : parts) {
        if (first(part) >= end) {
          set = new ArrayList<>();
          tied.add(set);
        }
        set.add(part.name());
        end = Math.max(end, first(part) + part.bytes());
      }
    }
    return tied.stream().filter(set -> set.size() > 1).toList();
  }

  @Override
  public void rewrite(Path target, TensorValues values) throws IOException {
    Map<String, List<Tensor>> byStorage = byStorage();
    try (ZipWriter out = new ZipWriter(target)) {
      for (ZipEntry entry : zip.stream().map(ZipEntry.class::cast).toList()) {
        OutputStream member = out.begin(entry.getName(), entry.getSize());
        List<Tensor> parts = byStorage.get(entry.getName());
        if (parts == null) {
          try (InputStream in = zip.getInputStream(entry)) {
            in.transferTo(member);
          }
        } else {
          rewrite(entry, parts, member, values);
        }
        out.end();
      }
    }
  }

  /** A storage; tensors that share values, such as tied weights, are written once. */
  private void rewrite(ZipEntry entry, List<Tensor> parts, OutputStream member, TensorValues values)
      throws IOException {
    String key = entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
    long at = 0;
    for (Tensor part : parts) {
      long end = first(part) + part.bytes();
      // Values that are the storage's own must not hide new ones of a tensor tied to them.
      if (end > at && values.replaces(part)) {
        copy(key, at, first(part), member);
        at = Math.max(at, first(part));
        values.stream(
            part, at - first(part), piece -> member.write(piece.array(), 0, piece.remaining()));
        at = end;
      }
    }
    copy(key, at, entry.getSize(), member);
  }

  private void copy(String key, long from, long to, OutputStream member) throws IOException {
    ByteBuffer piece = ByteBuffer.allocate(PIECE);
    for (long at = from; at < to; at += PIECE) {
      read(key, at, piece.clear().limit((int) Math.min(PIECE, to - at)));
      member.write(piece.array(), 0, piece.limit());
    }
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
