package org.lcsc.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.lcsc.checkpoint.CheckpointDataType;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.CheckpointWindowBuilder;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Merging a generation of candidates from a window of K checkpoints of P parameters, and reading
 * the window's bytes once, copied in blocks into the cache: what no merge can beat.
 *
 * <p>Not thread-safe; JMH makes one for every thread.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx2g", "-Dorg.bytedeco.javacpp.maxphysicalbytes=0"})
public class MergeBenchmark {

  private static final long SEGMENT = 1L << 30;
  private static final int BLOCK = 1 << 18;

  /** K. */
  @Param({"50", "200", "400"})
  public int checkpoints;

  /** P. */
  @Param({"300000", "1000000", "5000000"})
  public int parameters;

  /** How a parameter is stored. */
  @Param({"FLOAT32", "BFLOAT16"})
  public CheckpointDataType type;

  /** Whether the window is a memory-mapped file. */
  @Param({"false", "true"})
  public boolean mapped;

  /** B. */
  @Param({"16"})
  public int candidates;

  private Path file;
  private CheckpointWindow window;
  private double[][] coefficients;
  private INDArray merged;
  private List<ByteBuffer> segments;
  private final byte[] block = new byte[BLOCK];

  /** Fills a window. */
  @Setup
  public void fill() throws IOException {
    file = Files.createTempFile("lcsc-benchmark", ".window");
    Files.delete(file);
    CheckpointWindowBuilder builder =
        CheckpointWindow.builder(parameters).window(checkpoints).interval(1).dataType(type);
    window = (mapped ? builder.mapped(file) : builder.inMemory()).build();
    INDArray checkpoint = Nd4j.linspace(DataType.FLOAT, -1.0, 2.0 / parameters, parameters);
    for (int k = 1; k <= checkpoints; k++) {
      window.record(k, checkpoint);
      checkpoint.muli(1.001f);
    }
    SplittableRandom random = new SplittableRandom(1);
    coefficients = new double[candidates][checkpoints];
    for (double[] row : coefficients) {
      for (int k = 0; k < checkpoints; k++) {
        row[k] = random.nextDouble(-1, 1);
      }
    }
    merged = Nd4j.createUninitialized(DataType.FLOAT, candidates, parameters);
    segments = mapped ? mappedAgain() : inMemory();
  }

  /** As many bytes as the window has: one segment as often as needed, larger than any cache. */
  private List<ByteBuffer> inMemory() {
    ByteBuffer segment = ByteBuffer.allocateDirect((int) Math.min(SEGMENT, window.bytes()));
    // Untouched pages would all be one page of zeros.
    for (int i = 0; i < segment.capacity(); i += 4096) {
      segment.put(i, (byte) 1);
    }
    List<ByteBuffer> list = new ArrayList<>();
    for (long left = window.bytes(); left > 0; left -= SEGMENT) {
      list.add(segment.slice(0, (int) Math.min(SEGMENT, left)).order(ByteOrder.nativeOrder()));
    }
    return list;
  }

  private List<ByteBuffer> mappedAgain() throws IOException {
    List<ByteBuffer> list = new ArrayList<>();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      for (long at = 0; at < channel.size(); at += SEGMENT) {
        list.add(
            channel.map(FileChannel.MapMode.READ_ONLY, at, Math.min(SEGMENT, channel.size() - at)));
      }
    }
    return list;
  }

  /** Frees the window. */
  @TearDown
  public void close() {
    window.close();
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One generation. */
  @Benchmark
  public INDArray merge() {
    window.merge(coefficients, merged);
    return merged;
  }

  /** The same bytes, once. */
  @Benchmark
  public byte[] read() {
    for (ByteBuffer segment : segments) {
      segment.clear();
      while (segment.hasRemaining()) {
        segment.get(block, 0, Math.min(BLOCK, segment.remaining()));
      }
    }
    return block;
  }
}
