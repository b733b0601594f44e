package org.lcsc.export;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.io.Json;
import org.lcsc.io.Refuse;

/**
 * What a {@link Recipe} for one model merges. It is read from recipes written by hand too: keys
 * that do not say what is merged are neither needed nor looked at.
 *
 * @param file where it stands, for messages
 * @param checkpoints iterations, no two alike
 * @param coefficients one per checkpoint, of sum 1; empty with groups
 * @param groups groups of parameters with coefficients of their own; empty where there are none
 * @param parameters how many parameters are merged; null where it does not say
 */
public record RecipeCoefficients(
    Path file,
    long[] checkpoints,
    double[] coefficients,
    List<Recipe.Group> groups,
    Long parameters) {

  private static final ObjectMapper JSON =
      Json.mapper()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .build();

  /** The keys as they stand; null for those that do not. */
  private record Keys(
      List<Number> checkpoints,
      List<Number> coefficients,
      List<GroupKeys> groups,
      List<Object> ranges,
      Long parameters) {}

  private record GroupKeys(String name, List<List<Number>> parameters, List<Number> coefficients) {}

  /**
   * Reads a recipe.
   *
   * @throws IOException where there is no such file, or it is no recipe for one model; the message
   *     is one line and names file and key
   */
  public static RecipeCoefficients read(Path file) throws IOException {
    Keys keys;
    try {
      keys = JSON.treeToValue(Json.read(file), Keys.class);
    } catch (JsonMappingException e) {
      throw new IOException(file + ": " + problem(e), e);
    }
    keys = keys == null ? new Keys(null, null, null, null, null) : keys;
    Refuse.file(
        keys.ranges != null && !keys.ranges.isEmpty(),
        "%s: ranges: is of a model for each of several ranges of noise levels, allowed: a recipe"
            + " with coefficients or groups",
        file);
    requireNumbers(file, "checkpoints", keys.checkpoints);
    Refuse.file(
        !keys.checkpoints.stream().allMatch(RecipeCoefficients::isWhole),
        "%s: checkpoints: must be iterations, whole numbers (%s)",
        file,
        text(keys.checkpoints));
    long[] checkpoints = keys.checkpoints.stream().mapToLong(Number::longValue).toArray();
    Refuse.file(
        Arrays.stream(checkpoints).distinct().count() < checkpoints.length,
        "%s: checkpoints: names an iteration twice (%s), allowed: once",
        file,
        text(keys.checkpoints));
    if (keys.groups == null || keys.groups.isEmpty()) {
      double[] coefficients = coefficients(file, "", keys.coefficients, checkpoints.length);
      return new RecipeCoefficients(file, checkpoints, coefficients, List.of(), keys.parameters);
    }
    Refuse.file(
        keys.coefficients != null && !keys.coefficients.isEmpty(),
        "%s: coefficients: has no effect beside groups, allowed: one of both",
        file);
    List<Recipe.Group> groups = new ArrayList<>();
    for (GroupKeys group : keys.groups) {
      String key = "groups[" + groups.size() + "]";
      groups.add(
          new Recipe.Group(
              group.name == null ? key : group.name,
              segments(file, key, group.parameters),
              coefficients(file, key + ".", group.coefficients, checkpoints.length)));
    }
    return new RecipeCoefficients(file, checkpoints, new double[0], groups, keys.parameters);
  }

  /** What is wrong with the value of a key that is not even of the right kind. */
  private static String problem(JsonMappingException e) {
    StringBuilder key = new StringBuilder();
    String last = "";
    for (JsonMappingException.Reference step : e.getPath()) {
      if (step.getFieldName() != null) {
        last = step.getFieldName();
        key.append(key.isEmpty() ? "" : ".").append(last);
      } else if (last.equals("groups")) {
        key.append('[').append(step.getIndex()).append(']');
      }
    }
    return switch (last) {
      case "checkpoints", "coefficients" -> key + noNumbers();
      case "parameters" ->
          key
              + (key.toString().equals(last)
                  ? ": is no whole number, allowed: how many are merged"
                  : ": no segments" + allowedSegment());
      default -> "no recipe: " + (key.isEmpty() ? "" : key + ": ") + Json.problem(e);
    };
  }

  private static String noNumbers() {
    return ": is no list of numbers, allowed: one for each checkpoint";
  }

  private static String allowedSegment() {
    return ", allowed: [first, the one after the last]";
  }

  private static long[][] segments(Path file, String key, List<List<Number>> parameters)
      throws IOException {
    List<long[]> segments = new ArrayList<>();
    for (List<Number> segment : parameters == null ? List.<List<Number>>of() : parameters) {
      Refuse.file(
          segment == null
              || segment.size() != 2
              || !segment.stream().allMatch(RecipeCoefficients::isWhole),
          "%s: %s.parameters: no segment (%s)%s",
          file,
          key,
          text(segment),
          allowedSegment());
      segments.add(segment.stream().mapToLong(Number::longValue).toArray());
    }
    return segments.toArray(long[][]::new);
  }

  private static double[] coefficients(Path file, String where, List<Number> values, int count)
      throws IOException {
    requireNumbers(file, where + "coefficients", values);
    double[] coefficients = values.stream().mapToDouble(Number::doubleValue).toArray();
    double sum = Arrays.stream(coefficients).sum();
    Refuse.file(
        coefficients.length != count || !Recipe.Group.isOne(sum),
        "%s: %s%s coefficients of sum %s for %s checkpoints, allowed: one for each, of sum 1",
        file,
        where.isEmpty() ? "" : where + "coefficients: ",
        coefficients.length,
        sum,
        count);
    return coefficients;
  }

  private static void requireNumbers(Path file, String key, List<Number> values)
      throws IOException {
    Refuse.file(
        values == null || values.isEmpty() || values.contains(null),
        "%s: %s%s",
        file,
        key,
        noNumbers());
  }

  private static boolean isWhole(Number number) {
    return number instanceof Integer || number instanceof Long;
  }

  private static String text(List<Number> numbers) {
    return String.valueOf(numbers).replace(" ", "");
  }

  /**
   * The groups that {@link #over} is for.
   *
   * @param parameters number of parameters P, where there are no groups
   * @throws IllegalArgumentException where they do not follow one another
   */
  public ParameterGroups parameterGroups(long parameters) {
    return combination().parameterGroups(parameters);
  }

  private Combination combination() {
    return new Combination(coefficients, groups);
  }

  /**
   * Coefficients of every group, those of the first group first, one for each of some checkpoints:
   * 0 where it names none.
   *
   * @param iterations of these, ascending
   * @throws IOException where it names another; the message is one line
   */
  public double[] over(long[] iterations) throws IOException {
    int[] places = new int[checkpoints.length];
    for (int i = 0; i < places.length; i++) {
      places[i] = Arrays.binarySearch(iterations, checkpoints[i]);
      Refuse.file(
          places[i] < 0,
          "%s: there is no checkpoint of iteration %s, allowed: those of the folder",
          file,
          checkpoints[i]);
    }
    double[] all = combination().all();
    double[] spread = new double[all.length / places.length * iterations.length];
    IntStream.range(0, all.length)
        .forEach(
            i ->
                spread[i / places.length * iterations.length + places[i % places.length]] = all[i]);
    return spread;
  }
}
