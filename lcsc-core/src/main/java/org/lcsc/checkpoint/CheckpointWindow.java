package org.lcsc.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import org.lcsc.io.HostMemory;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last K checkpoints of a flat parameter vector {@code [P]}, where K = window / interval: the
 * set Theta of the LCSC paper (Section 4.1). A ring buffer; recording into a full window drops the
 * oldest.
 *
 * <pre>{@code
 * try (CheckpointWindow window =
 *     CheckpointWindow.builder(model.numParams()).window(4000).interval(40).inMemory().build()) {
 *   if (window.due(iteration)) {
 *     window.record(iteration, model.params());
 *   }
 *   window.merge(EmaCoefficients.of(0.999, window.iterations()));
 * }
 * }</pre>
 *
 * <p>Checkpoints are numbered from 0, the oldest, to {@code size() - 1}, the newest; coefficients
 * follow that order. Iteration n means: n updates applied.
 *
 * <p>Merging multiplies and accumulates in float32 over blocks of parameters, reading the window
 * once however many candidates there are. The same call gives the same bits each time; merging a
 * candidate alone or among others may differ by float32 rounding (about 1e-7 of the sum of the
 * terms' magnitudes).
 *
 * <p>The memory lies outside the Java heap, so {@link #close()} matters. Not thread-safe.
 */
public final class CheckpointWindow implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(CheckpointWindow.class);

  private final long parameters;

  /** Iterations between checkpoints, or 0 where they are irregular. */
  private final int interval;

  private final CheckpointDataType dataType;

  private final CheckpointRing ring;

  /** The durable file, or null. */
  private final Path file;

  /** Slots that the last saved state lists. */
  private final BitSet saved = new BitSet();

  private long rejected;
  private TileStore store;

  CheckpointWindow(
      int interval,
      long parameters,
      CheckpointDataType dataType,
      CheckpointRing ring,
      Path file,
      TileStore store) {
    this.interval = interval;
    this.parameters = parameters;
    this.dataType = dataType;
    this.ring = ring;
    this.file = file;
    this.store = store;
  }

  /**
   * Starts a window.
   *
   * @param parameters length of the parameter vector, P
   */
  public static CheckpointWindowBuilder builder(long parameters) {
    return new CheckpointWindowBuilder(parameters);
  }

  /**
   * A full window in memory, float32, from checkpoints at hand; their iterations may be irregular.
   *
   * @param checkpoints iteration to parameters {@code [P]}, in ascending order
   * @throws IllegalArgumentException if there is none, or lengths differ, or a value is not finite
   */
  public static CheckpointWindow ofCheckpoints(SortedMap<Long, INDArray> checkpoints) {
    return CheckpointWindowBuilder.filled(checkpoints);
  }

  /** Most checkpoints the window holds, K. */
  public int capacity() {
    return ring.capacity();
  }

  /** Checkpoints in the window now. */
  public int size() {
    return ring.size();
  }

  /** Length of the parameter vector, P. */
  public long parameters() {
    return parameters;
  }

  /** How parameters are stored. */
  public CheckpointDataType dataType() {
    return dataType;
  }

  /** Iterations of the checkpoints, ascending; a copy. */
  public long[] iterations() {
    return ring.iterations();
  }

  /** CRC-32 of each checkpoint's bytes as stored, oldest first; a copy. */
  public long[] checksums() {
    return ring.checksums();
  }

  /** Checkpoints refused because a parameter was not finite or outside the data type's range. */
  public long rejected() {
    return rejected;
  }

  /** Bytes one checkpoint takes. */
  public long bytesPerCheckpoint() {
    return parameters * dataType.bytes();
  }

  /** Bytes the full window takes, in memory or on disk, spare slots included. */
  public long bytes() {
    return ring.slotCount() * bytesPerCheckpoint();
  }

  /** Whether the window lies in a file that outlives it. */
  boolean isDurable() {
    return file != null;
  }

  /** The durable file, or null. */
  Path file() {
    return file;
  }

  /**
   * Whether recording a checkpoint now would overwrite one that the last saved state of a durable
   * window lists: then the state is to be saved first, or a training killed later continues without
   * that checkpoint. Always false for other windows.
   */
  public boolean overwritesSaved() {
    return isDurable() && saved.get(ring.nextSlot());
  }

  /** A state that lists the present checkpoints is in place. */
  void markSaved() {
    saved.clear();
    for (int k = 0; k < ring.size(); k++) {
      saved.set(ring.slot(k));
    }
  }

  /**
   * Whether this iteration is one to record.
   *
   * @param iteration updates applied
   */
  public boolean due(long iteration) {
    return interval > 0 && iteration > 0 && iteration % interval == 0;
  }

  /**
   * Copies a checkpoint into the window, dropping the oldest from a full one. One checkpoint with a
   * NaN would make every merge NaN, so such a checkpoint is left out, counted by {@link
   * #rejected()}, and the first is logged.
   *
   * @param iteration updates applied; newer than every checkpoint recorded before
   * @param parameters {@code [P]} or any shape of P elements; not modified, not retained
   * @return whether it was recorded; false if a value is not finite or outside the data type's
   *     range
   * @throws IllegalArgumentException if the length or the iteration is wrong
   * @throws UncheckedIOException if the disk refuses, when it is full for example; the checkpoint
   *     that was to be dropped is then gone, the others are whole and the window stays usable
   */
  public boolean record(long iteration, INDArray parameters) {
    TileStore open = store();
    ring.requireNewer(iteration);
    requireLength(parameters, "a checkpoint");
    try (HostMemory memory = HostMemory.read(TileStore.flatten(parameters))) {
      if (!open.holds(memory)) {
        if (rejected++ == 0) {
          LOG.warn(
              "checkpoint of iteration {} left out of the window: a parameter is not finite or too"
                  + " large for {}; further ones are only counted",
              iteration,
              dataType);
        }
        return false;
      }
      ring.fill(iteration, slot -> open.write(slot, memory));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot record the checkpoint of iteration " + iteration + ": " + e.getMessage(), e);
    }
    return true;
  }

  /**
   * A checkpoint.
   *
   * @param k 0, the oldest, to {@code size() - 1}
   * @return a copy, float32 {@code [P]}, outside any workspace
   */
  public INDArray checkpoint(int k) {
    TileStore open = store();
    Objects.checkIndex(k, ring.size());
    INDArray copy = Nd4j.createUninitializedDetached(DataType.FLOAT, parameters);
    open.read(ring.slot(k), copy);
    return copy;
  }

  /**
   * Merges a generation: row b of the result is the sum over k of {@code coefficients[b][k]} times
   * checkpoint k (alpha . Theta in the paper's Equation 7). The sum of the coefficients is the
   * caller's business, and negative ones are normal.
   *
   * @param coefficients {@code [B][size()]}, finite
   * @param out float32 {@code [B, P]}, row-major without gaps; overwritten
   */
  public void merge(double[][] coefficients, INDArray out) {
    merge(coefficients, ParameterGroups.whole(parameters), out);
  }

  /**
   * Merges a generation whose candidates have coefficients for each group of parameters.
   *
   * @param coefficients {@code [B][G * size()]}, finite, those of the first group first
   * @param groups of the P parameters
   * @param out float32 {@code [B, P]}, row-major without gaps; overwritten
   */
  public void merge(double[][] coefficients, ParameterGroups groups, INDArray out) {
    products(groups).merge(coefficients, out);
  }

  /**
   * Merges one candidate.
   *
   * @param coefficients {@code [size()]}, finite
   * @return a new float32 {@code [P]}, outside any workspace
   */
  public INDArray merge(double[] coefficients) {
    return merge(coefficients, ParameterGroups.whole(parameters));
  }

  /** Merges one candidate of {@code [G * size()]} coefficients; see {@link #merge(double[])}. */
  public INDArray merge(double[] coefficients, ParameterGroups groups) {
    INDArray out = Nd4j.createUninitializedDetached(DataType.FLOAT, 1, parameters);
    merge(new double[][] {coefficients}, groups, out);
    return out.reshape(parameters);
  }

  /**
   * The inner product of each checkpoint with a vector, Theta . v. With v the gradient of an
   * objective with respect to the merged parameters it is the gradient with respect to the
   * coefficients. Products in float32 within a block of parameters, sums over blocks in double.
   *
   * @param vector P elements
   * @return {@code [size()]}, oldest first
   */
  public double[] dot(INDArray vector) {
    return dot(vector, ParameterGroups.whole(parameters));
  }

  /**
   * The inner products over each group's parameters alone, Theta_g . v_g, in the same one pass.
   *
   * @return {@code [G * size()]}, those of the first group first
   */
  public double[] dot(INDArray vector, ParameterGroups groups) {
    return products(groups).dot(vector);
  }

  /**
   * The Gram matrices of the checkpoints less their mean over each group's parameters, {@code
   * <theta_i - m, theta_j - m>}, in one pass over the window: their eigenvectors are the principal
   * components of the training's path, in coefficients. Products in float32 within a block of
   * parameters, sums over blocks in double.
   *
   * @return {@code [G][size()][size()]}, symmetric, oldest first
   */
  public double[][][] centredGrams(ParameterGroups groups) {
    return products(groups).centredGrams();
  }

  private WindowProducts products(ParameterGroups groups) {
    store();
    Refuse.state(ring.size() == 0, "the checkpoint window is empty");
    return new WindowProducts(this, groups);
  }

  /**
   * Saves the checkpoints, exactly as stored and each with its checksum, so that a killed run can
   * continue with the same window. {@link CheckpointArchive} saves only what is new.
   *
   * @param file written whole or not at all
   */
  public void save(Path file) throws IOException {
    store();
    CheckpointWindowFile.write(this, file);
  }

  /**
   * Fills this empty window from a file of {@link #save}; it then merges to the same bits. If the
   * file holds more checkpoints than this window's capacity, the newest are taken. A checkpoint
   * that is damaged, or missing from a file that was cut short, is logged and left out.
   *
   * @return iterations of the checkpoints left out, ascending
   * @throws IOException if the file is missing or no window of this length and data type, or the
   *     list of its checkpoints is damaged; the window is then empty
   */
  public List<Long> restore(Path file) throws IOException {
    store();
    requireRestorable();
    return CheckpointWindowFile.read(this, file);
  }

  void requireRestorable() {
    Refuse.state(
        ring.size() > 0,
        "a window must be empty to be restored, it has %s checkpoints",
        ring.size());
  }

  /**
   * Frees the memory at once; deletes the file of a mapped window, not that of a durable one.
   * Closing twice is harmless.
   */
  @Override
  public void close() {
    if (store != null) {
      store.close();
      store = null;
    }
  }

  TileStore store() {
    Refuse.state(store == null, "this checkpoint window is closed");
    return store;
  }

  CheckpointRing ring() {
    return ring;
  }

  void requireLength(INDArray array, String what) {
    Refuse.argument(
        array.length() != parameters,
        "%s of this window has %s parameters, got an array of shape %s",
        what,
        parameters,
        array.shape());
  }
}
