package org.lcsc.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.lcsc.io.Refuse;
import org.lcsc.metrics.FeatureMoments;
import org.lcsc.metrics.FeatureStatistics;
import org.lcsc.metrics.FrechetDistance;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * FID of 10,000 samples in 2,048 features with the reference ready, on the files that {@code
 * scipy_fid.py} wrote to the directory of the system property {@code features}:
 *
 * <pre>{@code
 * OMP_NUM_THREADS=1 ./benchmark fid /tmp/fid
 * }</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 3)
@Fork(1)
public class FrechetBenchmark {

  private FrechetDistance.Reference reference;
  private float[] generated;
  private FeatureMoments moments;

  /** Reads the files, and prints the distance, which must be scipy's. */
  @Setup
  public void read() throws IOException {
    String directory = System.getProperty("features");
    Refuse.argument(
        directory == null,
        "-Dfeatures is absent, expected the directory that scipy_fid.py wrote to");
    reference = FrechetDistance.against(FeatureMoments.read(Path.of(directory, "reference.npz")));
    try (FileChannel file = FileChannel.open(Path.of(directory, "generated.f32"))) {
      ByteBuffer bytes =
          file.map(FileChannel.MapMode.READ_ONLY, 0, file.size()).order(ByteOrder.LITTLE_ENDIAN);
      generated = new float[(int) (file.size() / Float.BYTES)];
      bytes.asFloatBuffer().get(generated);
    }
    moments = statistics();
    System.out.printf(Locale.ROOT, "%nFID %.9f%n", reference.distance(moments));
  }

  /** Mean and covariance of the samples. */
  @Benchmark
  public FeatureMoments statistics() {
    FeatureStatistics statistics = new FeatureStatistics(reference.dimension());
    statistics.add(generated);
    return statistics.moments();
  }

  /** The distance, from mean and covariance. */
  @Benchmark
  public double distance() {
    return reference.distance(moments);
  }
}
