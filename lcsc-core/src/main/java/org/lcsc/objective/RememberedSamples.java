package org.lcsc.objective;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.lcsc.io.Refuse;
import org.lcsc.io.Sha256;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Remembers the batches that were drawn last, by parameters, noise and samples: a model that is
 * first scored on a part of the samples and then on all, or by one measure and then by another, is
 * sampled once. Batches that are cut otherwise are drawn again.
 *
 * <p>Parameters are told apart by the SHA-256 of their values in float32, noise by its seed.
 *
 * <p>Not thread-safe.
 */
public final class RememberedSamples implements SampleGenerator {

  /** Bytes of samples that are remembered where nothing else is said. */
  public static final long DEFAULT_BYTES = 1L << 26;

  private record Batch(String parameters, long seed, long first, int count) {}

  private final SampleGenerator generator;
  private final long most;

  /** Those used longest ago come first. */
  private final Map<Batch, INDArray> batches = new LinkedHashMap<>(16, 0.75f, true);

  private long bytes;
  private String parameters;

  /** Remembers up to {@value #DEFAULT_BYTES} bytes. */
  public RememberedSamples(SampleGenerator generator) {
    this(generator, DEFAULT_BYTES);
  }

  /**
   * Remembers samples.
   *
   * @param generator draws them; from now on to be used through this object alone
   * @param most bytes of samples to remember, at least 0; beyond, those used longest ago are
   *     forgotten
   */
  public RememberedSamples(SampleGenerator generator, long most) {
    this.generator = Objects.requireNonNull(generator, "generator");
    Refuse.argument(most < 0, "most must be at least 0 bytes, got %s", most);
    this.most = most;
  }

  @Override
  public void setParameters(INDArray parameters) {
    generator.setParameters(parameters);
    this.parameters = Sha256.of(parameters);
  }

  /**
   * {@inheritDoc}
   *
   * <p>A new array, outside of any workspace where it was remembered.
   */
  @Override
  public INDArray sample(NoiseSource noise, long first, int count) {
    Batch batch = new Batch(parameters, noise.seed(), first, count);
    INDArray remembered = batches.get(batch);
    if (remembered != null) {
      return copy(remembered);
    }
    INDArray images = generator.sample(noise, first, count);
    if (bytes(images) <= most) {
      batches.put(batch, copy(images));
      bytes += bytes(images);
      forget();
    }
    return images;
  }

  private void forget() {
    Iterator<INDArray> oldest = batches.values().iterator();
    while (bytes > most) {
      INDArray images = oldest.next();
      oldest.remove();
      bytes -= bytes(images);
      images.close();
    }
  }

  private static long bytes(INDArray images) {
    return images.length() * images.dataType().width();
  }

  private static INDArray copy(INDArray images) {
    return Nd4j.createUninitializedDetached(images.dataType(), 'c', images.shape()).assign(images);
  }
}
