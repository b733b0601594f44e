package org.lcsc.listener;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lcsc.averaging.ExponentialMovingAverage;
import org.lcsc.checkpoint.ParameterStream;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.DeserializationFeature;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.json.JsonMapper;

/**
 * What an {@link LcscListener} has gathered between two updates, beside its window: a training that
 * was killed continues from it to the same results. Holds live arrays. Not thread-safe.
 *
 * @param averages over all updates
 * @param divergedAt first iteration with a parameter that is not finite, or -1
 * @param results of the searches so far, in order
 * @param merged parameters of the latest combination, or null
 * @param best parameters of the best model, or null
 */
public record ListenerState(
    List<ExponentialMovingAverage> averages,
    long divergedAt,
    List<LcscResult> results,
    INDArray merged,
    INDArray best) {

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          // Written beside the components: what Jackson takes for properties, such as isFinite().
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /** Time ranges that a file may have models of; more are a sign of damage. */
  private static final int MOST_RANGES = 1000;

  public ListenerState {
    averages = List.copyOf(averages);
    results = List.copyOf(results);
  }

  /** Averages exist from the first update on. */
  void requireRates(double[] rates) {
    double[] own = averages.stream().mapToDouble(ExponentialMovingAverage::rate).toArray();
    Refuse.argument(
        own.length > 0 && !Arrays.equals(own, rates),
        "the state holds averages of the rates %s, the training has %s",
        own,
        rates);
  }

  /** Writes the state, for {@link #read}. */
  public void write(DataOutputStream out) throws IOException {
    out.writeInt(averages.size());
    for (ExponentialMovingAverage average : averages) {
      out.writeDouble(average.rate());
      out.writeLong(average.updates());
      ParameterStream.write(out, average.parameters());
    }
    out.writeLong(divergedAt);
    byte[] json = JSON.writeValueAsBytes(results.toArray(LcscResult[]::new));
    out.writeInt(json.length);
    out.write(json);
    ParameterStream.write(out, merged);
    ParameterStream.write(out, best);
  }

  /**
   * Reads a state.
   *
   * @param parameters P
   * @throws IOException where it is of a model of another size, or damaged
   */
  public static ListenerState read(DataInputStream in, long parameters) throws IOException {
    List<ExponentialMovingAverage> averages = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      double rate = in.readDouble();
      long updates = in.readLong();
      INDArray average = ParameterStream.read(in, parameters);
      Refuse.file(average == null, "it holds an average without parameters");
      averages.add(new ExponentialMovingAverage(rate, average, updates));
      average.close();
    }
    long divergedAt = in.readLong();
    byte[] json = in.readNBytes(in.readInt());
    List<LcscResult> results;
    try {
      results = List.of(JSON.readValue(json, LcscResult[].class));
    } catch (JsonProcessingException e) {
      throw new IOException("its search results cannot be read: " + e.getOriginalMessage(), e);
    }
    return new ListenerState(
        averages,
        divergedAt,
        results,
        ParameterStream.read(in, parameters, MOST_RANGES),
        ParameterStream.read(in, parameters, MOST_RANGES));
  }
}
