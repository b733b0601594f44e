package org.lcsc.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.lcsc.io.HostMemory;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Checkpoints side by side, cut into tiles: a tile is a row-major matrix of {@code slots} rows and
 * up to 16,384 consecutive parameters, and the tiles follow one another. A merge then reads the
 * whole window once and strictly forward, which suits a file larger than memory, and hands a
 * float32 tile to the matrix product where it lies, without a copy. A segment holds whole tiles.
 */
final class TileStore implements AutoCloseable {

  /** Parameters per tile: measured, the product is within 5 % of its best from 4,096 to 16,384. */
  private static final int TILE = 16_384;

  /** Least parameters of a panel that is a copy: below, libnd4j's calls cost more than the work. */
  private static final int PANEL = 4_096;

  /** Floats of a panel that is a copy where PANEL allows: it should stay in the caches. */
  private static final int PANEL_FLOATS = 1 << 20;

  private final long parameters;
  private final int slots;
  private final CheckpointDataType type;
  private final int tile;
  private final int tilesPerSegment;
  private final CheckpointStorage storage;
  private final DataBuffer[] floats;

  private final int[] bits;
  private final short[] halves;
  private final ByteBuffer chunk;
  private INDArray panel;

  /**
   * Allocates.
   *
   * @param maxSegmentBytes largest segment, at most 1 GB
   */
  TileStore(
      long parameters,
      int slots,
      CheckpointDataType type,
      CheckpointStorage.Factory factory,
      int maxSegmentBytes)
      throws IOException {
    this.parameters = parameters;
    this.slots = slots;
    this.type = type;
    long column = (long) slots * type.bytes();
    tile = (int) Math.min(Math.min(TILE, parameters), maxSegmentBytes / column);
    Refuse.argument(
        tile == 0,
        "%s checkpoints are too many: one parameter of all of them must fit a segment of %s bytes",
        slots,
        maxSegmentBytes);
    tilesPerSegment = (int) (maxSegmentBytes / (column * tile));
    long perSegment = (long) tilesPerSegment * tile;
    int[] segmentBytes = new int[Math.toIntExact((parameters + perSegment - 1) / perSegment)];
    for (int i = 0; i < segmentBytes.length; i++) {
      segmentBytes[i] = (int) (column * Math.min(perSegment, parameters - i * perSegment));
    }
    bits = new int[tile];
    halves = new short[type == CheckpointDataType.FLOAT32 ? 0 : tile];
    chunk = ByteBuffer.allocate(tile * type.bytes()).order(ByteOrder.nativeOrder());
    floats = new DataBuffer[segmentBytes.length];
    storage = factory.allocate(segmentBytes);
  }

  CheckpointDataType type() {
    return type;
  }

  /** Whether a panel is the memory of the store itself. */
  boolean inPlace() {
    return type == CheckpointDataType.FLOAT32 && HostMemory.isHost();
  }

  /** Most parameters of a panel. */
  int panelWidth() {
    return inPlace() ? tile : Math.min(Math.max(PANEL, PANEL_FLOATS / slots), tile);
  }

  /** The array as consecutive float32 {@code [P]}; itself or a view where that is possible. */
  static INDArray flatten(INDArray array) {
    INDArray floats = array.dataType() == DataType.FLOAT ? array : array.castTo(DataType.FLOAT);
    INDArray flat = floats.rank() == 1 ? floats : floats.reshape('c', new long[] {floats.length()});
    return flat.stride(0) == 1 || flat.length() == 1 ? flat : flat.dup();
  }

  /** Whether every value of a checkpoint stays finite when stored. */
  boolean holds(HostMemory source) {
    for (long from = 0; from < parameters; from += tile) {
      int count = width(from);
      source.get(from, bits, 0, count);
      if (!type.holds(bits, count)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Stores a checkpoint; after a failure the slot holds parts of the old and of the new one.
   *
   * @return CRC-32 of its bytes as {@link #readBytes} gives them
   */
  long write(int slot, HostMemory source) throws IOException {
    CRC32 sum = new CRC32();
    for (long from = 0; from < parameters; from += tile) {
      int count = width(from);
      source.get(from, bits, 0, count);
      if (type == CheckpointDataType.FLOAT32) {
        chunk.asIntBuffer().put(bits, 0, count);
      } else {
        type.encode(bits, halves, count);
        chunk.asShortBuffer().put(halves, 0, count);
      }
      // Here the bytes are still in the cache.
      sum.update(chunk.array(), 0, count * type.bytes());
      storage.write(
          segment(from), rowOffset(from, count, slot), chunk.array(), count * type.bytes());
    }
    return sum.getValue();
  }

  /** Copies a checkpoint into a flat float32 array. */
  void read(int slot, INDArray flat) {
    try (HostMemory target = HostMemory.write(flat)) {
      for (long from = 0; from < parameters; from += tile) {
        int count = width(from);
        decode(from, count, slot);
        target.put(from, bits, 0, count);
      }
    }
  }

  /**
   * Visits a checkpoint's stored bytes in the order of its parameters.
   *
   * @param visitor receives an array and the number of bytes in it; the array is reused
   */
  void readBytes(int slot, ByteVisitor visitor) throws IOException {
    for (long from = 0; from < parameters; from += tile) {
      int count = width(from);
      storage
          .segment(segment(from))
          .get(rowOffset(from, count, slot), chunk.array(), 0, count * type.bytes());
      visitor.visit(chunk.array(), count * type.bytes());
    }
  }

  /** Fills a slot from bytes as {@link #readBytes} gives them; the visitor fills the array. */
  void writeBytes(int slot, ByteVisitor visitor) throws IOException {
    for (long from = 0; from < parameters; from += tile) {
      int count = width(from);
      visitor.visit(chunk.array(), count * type.bytes());
      storage.write(
          segment(from), rowOffset(from, count, slot), chunk.array(), count * type.bytes());
    }
  }

  /** CRC-32 of a slot's bytes. */
  long checksum(int slot) throws IOException {
    CRC32 sum = new CRC32();
    readBytes(slot, (bytes, count) -> sum.update(bytes, 0, count));
    return sum.getValue();
  }

  /** Fills a slot with zeros: a damaged NaN would spoil every product, whatever its coefficient. */
  void clear(int slot) throws IOException {
    Arrays.fill(chunk.array(), (byte) 0);
    writeBytes(slot, (bytes, count) -> {});
  }

  /** Makes what was written survive a crash of the machine, where the medium can. */
  void force() throws IOException {
    storage.force();
  }

  /** Takes or gives stored bytes. */
  @FunctionalInterface
  interface ByteVisitor {

    void visit(byte[] bytes, int count) throws IOException;
  }

  /** Takes the panels one after the other. */
  @FunctionalInterface
  interface PanelVisitor {

    void visit(int group, long from, int count, INDArray matrix);
  }

  /** Takes blocks of parameters, each of one group, one after the other. */
  @FunctionalInterface
  interface BlockVisitor {

    void visit(int group, long from, int count);
  }

  /** Cuts the parameters into blocks of at most {@code most}, each in one group and one tile. */
  void forEachBlock(ParameterGroups groups, int most, BlockVisitor visitor) {
    for (ParameterGroups.Segment of : groups.segments()) {
      for (long at = of.from(); at < of.to(); ) {
        long tileEnd = tileStart(at) + width(tileStart(at));
        int count = (int) Math.min(most, Math.min(of.to(), tileEnd) - at);
        visitor.visit(of.group(), at, count);
        at += count;
      }
    }
  }

  /**
   * Visits {@code [rows, count]} float32 matrices, each of one group's parameters, that together
   * are the first rows of the store. Their columns are split as a {@link BlockReader} splits them.
   */
  void forEachPanel(int rows, ParameterGroups groups, PanelVisitor visitor) {
    if (inPlace()) {
      forEachBlock(
          groups,
          tile,
          (group, from, count) ->
              visitor.visit(
                  group,
                  from,
                  count,
                  matrix(
                      segmentFloats(segment(from)),
                      index(from, 0),
                      rows,
                      count,
                      width(tileStart(from)))));
      return;
    }
    int width = panelWidth();
    if (panel == null) {
      panel = Nd4j.createUninitializedDetached(DataType.FLOAT, (long) slots * width);
    }
    BlockReader reader = new BlockReader(this);
    forEachBlock(
        groups,
        width,
        (group, from, count) -> {
          // The whole panel goes to a device at once.
          try (HostMemory memory = HostMemory.write(panel)) {
            reader.open(from, count, memory.bytes(0, rows * count * Float.BYTES));
            for (int row = 0; row < rows; row++) {
              reader.read(row, row * count);
            }
          }
          visitor.visit(group, from, count, matrix(panel.data(), 0, rows, count, count));
        });
  }

  static INDArray matrix(DataBuffer buffer, long offset, int rows, int columns, int stride) {
    return Nd4j.create(
        buffer, new long[] {rows, columns}, new long[] {stride, 1}, offset, 'c', DataType.FLOAT);
  }

  /** The segment as an ND4J buffer that borrows its memory. */
  private DataBuffer segmentFloats(int index) {
    if (floats[index] == null) {
      floats[index] = HostMemory.borrow(storage.segment(index));
    }
    return floats[index];
  }

  /** Reads a row of the tile that starts at parameter {@code from} into {@link #bits}. */
  private void decode(long from, int width, int slot) {
    ByteBuffer segment = storage.segment(segment(from));
    int first = rowOffset(from, width, slot) / type.bytes();
    if (type == CheckpointDataType.FLOAT32) {
      segment.asIntBuffer().get(first, bits, 0, width);
    } else {
      segment.asShortBuffer().get(first, halves, 0, width);
      type.decode(halves, bits, width);
    }
  }

  /** Parameters in the tile that starts at {@code from}. */
  private int width(long from) {
    return (int) Math.min(tile, parameters - from);
  }

  /** First parameter of the tile that holds the given one. */
  private long tileStart(long parameter) {
    return parameter / tile * tile;
  }

  /** The segment that holds a parameter. */
  ByteBuffer segmentOf(long parameter) {
    return storage.segment(segment(parameter));
  }

  /** Place of a checkpoint's parameter in its segment, in values. */
  int index(long parameter, int slot) {
    long start = tileStart(parameter);
    return rowOffset(start, width(start), slot) / type.bytes() + (int) (parameter - start);
  }

  private int segment(long from) {
    return (int) (from / tile / tilesPerSegment);
  }

  /** First byte, in its segment, of a row of a tile. */
  private int rowOffset(long from, int width, int slot) {
    long before = from / tile % tilesPerSegment * tile * slots;
    return (int) ((before + (long) slot * width) * type.bytes());
  }

  @Override
  public void close() {
    Arrays.fill(floats, null);
    if (panel != null) {
      panel.close();
      panel = null;
    }
    storage.close();
  }
}
