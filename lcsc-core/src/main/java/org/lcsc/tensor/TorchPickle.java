package org.lcsc.tensor;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lcsc.config.Printable;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;

/**
 * Reads the pickle of a PyTorch file of plain tensors. It knows the classes of storages, {@code
 * OrderedDict}, and the four functions that rebuild a tensor, and runs nothing: what they would
 * make is written out here. Every other class, function or operation is refused by its name, so a
 * file from a stranger cannot do anything.
 *
 * <p>Dictionaries become maps, lists and tuples lists. Not thread-safe.
 */
final class TorchPickle {

  private static final String DICTIONARY = "collections.OrderedDict";
  private static final List<String> TENSORS =
      List.of("torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor");
  private static final List<String> PARAMETERS =
      List.of("torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state");

  /** More elements of the stack than any real file has at once. */
  private static final int MAX_STACK = 10_000_000;

  /** More containers and remembered objects than any real file has; each takes a byte of it. */
  private static final int MAX_OBJECTS = 4_000_000;

  /**
   * A class or function, by its name alone.
   *
   * @param name with its module
   */
  private record Global(String name) {}

  /**
   * Where the values of tensors lie.
   *
   * @param type of its elements
   * @param key name of its member of the zip file
   * @param length elements
   */
  record Storage(TensorType type, String key, long length) {}

  /**
   * A tensor in its storage.
   *
   * @param offset first element
   * @param shape extents of its axes
   * @param stride elements from one index of an axis to the next
   */
  record View(Storage storage, long offset, List<Long> shape, List<Long> stride) {}

  private final DataInputStream in;
  private final List<Object> stack = new ArrayList<>();
  private final Deque<Integer> marks = new ArrayDeque<>();
  private final Map<Long, Object> memo = new HashMap<>();
  private int containers;

  private TorchPickle(byte[] pickle) {
    in = new DataInputStream(new ByteArrayInputStream(pickle));
  }

  /**
   * Reads a pickle.
   *
   * @throws IOException where it is damaged or holds something else than plain tensors
   */
  static Object read(byte[] pickle) throws IOException {
    try {
      return new TorchPickle(pickle).run();
    } catch (EOFException e) {
      throw new IOException("its pickle is cut short", e);
    } catch (RuntimeException e) {
      // What bytes that are no pickle lead to: a cast, an index, an element that is missing.
      throw new IOException("its pickle is damaged", e);
    }
  }

  private Object run() throws IOException {
    while (true) {
      int code = in.readUnsignedByte();
      Refuse.file(
          stack.size() > MAX_STACK || containers + memo.size() > MAX_OBJECTS,
          "its pickle is too large");
      switch (code) {
        case '.' -> {
          return pop();
        }
        case 0x80 -> in.skipNBytes(1); // PROTO
        case 0x95 -> in.skipNBytes(8); // FRAME
        case '(' -> marks.push(stack.size());
        case '0' -> pop();
        case 'N' -> stack.add(null);
        case 0x88 -> stack.add(true);
        case 0x89 -> stack.add(false);
        case 'K' -> stack.add((long) in.readUnsignedByte());
        case 'M' -> stack.add((long) Short.toUnsignedInt(Short.reverseBytes(in.readShort())));
        case 'J' -> stack.add((long) int4());
        case 0x8a -> stack.add(whole(in.readUnsignedByte())); // LONG1
        case 'G' -> stack.add(in.readDouble());
        case 'X' -> stack.add(text(int4()));
        case 0x8c -> stack.add(text(in.readUnsignedByte())); // SHORT_BINUNICODE
        case '}' -> push(new LinkedHashMap<>());
        case ']', ')' -> push(new ArrayList<>());
        case 0x85 -> tuple(1);
        case 0x86 -> tuple(2);
        case 0x87 -> tuple(3);
        case 't' -> push(toMark());
        case 'a' -> {
          Object element = pop();
          list(top()).add(element);
        }
        case 'e' -> {
          List<Object> elements = toMark();
          list(top()).addAll(elements);
        }
        case 's' -> {
          Object value = pop();
          Object key = pop();
          put(key, value);
        }
        case 'u' -> {
          List<Object> items = toMark();
          for (int i = 0; i < items.size(); i += 2) {
            put(items.get(i), items.get(i + 1));
          }
        }
        case 'q' -> memo.put((long) in.readUnsignedByte(), top());
        case 'r' -> memo.put((long) int4(), top());
        case 0x94 -> memo.put((long) memo.size(), top()); // MEMOIZE
        case 'h' -> stack.add(memorised(in.readUnsignedByte()));
        case 'j' -> stack.add(memorised(int4()));
        case 'c' -> stack.add(global(line() + "." + line()));
        case 0x93 -> { // STACK_GLOBAL
          String name = (String) pop();
          stack.add(global(pop() + "." + name));
        }
        case 'Q' -> stack.add(storage(list(pop())));
        case 'R' -> {
          List<Object> arguments = list(pop());
          stack.add(call(((Global) pop()).name(), arguments));
        }
        case 'b' -> {
          pop(); // BUILD: what a dictionary has beside its entries, such as versions of modules.
          map(top());
        }
        default ->
            throw new IOException(
                Text.format(
                    "operation 0x%02x of its pickle is refused, allowed: a file of plain tensors",
                    code));
      }
    }
  }

  private static Global global(String name) throws IOException {
    if (!name.equals(DICTIONARY)
        && !TENSORS.contains(name)
        && !PARAMETERS.contains(name)
        && storageType(name).isEmpty()) {
      throw new IOException(
          Printable.oneLine(name)
              + " in it is refused, allowed: plain tensors in dictionaries and lists, as"
              + " torch.save(model.state_dict(), ...) writes them");
    }
    return new Global(name);
  }

  private static Optional<TensorType> storageType(String name) {
    return Arrays.stream(TensorType.values())
        .filter(type -> name.equals("torch." + type.torch()))
        .findFirst();
  }

  private static Storage storage(List<Object> id) throws IOException {
    Refuse.file(!"storage".equals(id.get(0)), "its pickle names something else than a storage");
    TensorType type = storageType(((Global) id.get(1)).name()).orElseThrow();
    return new Storage(type, (String) id.get(2), (long) id.get(4));
  }

  private static Object call(String name, List<Object> arguments) throws IOException {
    if (PARAMETERS.contains(name)) {
      return (View) arguments.get(0);
    }
    if (TENSORS.contains(name)) {
      return new View(
          (Storage) arguments.get(0),
          (long) arguments.get(1),
          list(arguments.get(2)).stream().map(Long.class::cast).toList(),
          list(arguments.get(3)).stream().map(Long.class::cast).toList());
    }
    if (name.equals(DICTIONARY) && arguments.isEmpty()) {
      return new LinkedHashMap<>();
    }
    throw new IOException("a call of " + name + " in it is refused");
  }

  private Object memorised(long key) {
    Refuse.argument(!memo.containsKey(key), "nothing is stored as %s", key);
    return memo.get(key);
  }

  private void push(Object container) {
    stack.add(container);
    containers++;
  }

  /** Hashing a key that holds others twice, and those others again, would never end. */
  private void put(Object key, Object value) throws IOException {
    // A copy: what is in a dictionary does not change its hash.
    Object own = key instanceof List<?> tuple ? new ArrayList<>(tuple) : key;
    Refuse.file(
        !(own instanceof List<?> parts
            ? parts.stream().allMatch(TorchPickle::isPlain)
            : isPlain(own)),
        "a key of a dictionary in it is refused, allowed: texts, numbers and tuples of them");
    map(top()).put(own, value);
  }

  private static boolean isPlain(Object key) {
    return !(key instanceof List || key instanceof Map || key instanceof View);
  }

  private Object pop() {
    return stack.remove(stack.size() - 1);
  }

  private Object top() {
    return stack.get(stack.size() - 1);
  }

  private List<Object> toMark() {
    List<Object> above = stack.subList(marks.pop(), stack.size());
    List<Object> copy = new ArrayList<>(above);
    above.clear();
    return copy;
  }

  private void tuple(int count) {
    marks.push(stack.size() - count);
    push(toMark());
  }

  @SuppressWarnings("unchecked") // only lists of objects are made here
  private static List<Object> list(Object value) {
    return (List<Object>) value;
  }

  @SuppressWarnings("unchecked") // only maps of objects are made here
  private static Map<Object, Object> map(Object value) {
    return (Map<Object, Object>) value;
  }

  private int int4() throws IOException {
    return Integer.reverseBytes(in.readInt());
  }

  private long whole(int bytes) throws IOException {
    Refuse.file(bytes > Long.BYTES, "a whole number of %s bytes in it is refused", bytes);
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (long) in.readUnsignedByte() << 8 * i;
    }
    int unused = Long.SIZE - 8 * bytes;
    return bytes == 0 ? 0 : value << unused >> unused;
  }

  private String text(int bytes) throws IOException {
    byte[] utf8 = in.readNBytes(bytes);
    if (utf8.length < bytes) {
      throw new EOFException();
    }
    return new String(utf8, StandardCharsets.UTF_8);
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.readUnsignedByte(); c != '\n'; c = in.readUnsignedByte()) {
      line.append((char) c);
    }
    return line.toString();
  }
}
