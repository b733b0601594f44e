package org.lcsc.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.api.Model;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.checkpoint.ParameterGroups.Segment;
import org.lcsc.config.Part;
import org.lcsc.config.Parts;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Divides the parameters of a network into groups that get combination coefficients of their own.
 * The paper's future work (Section 6) names such a larger search space.
 *
 * <pre>{@code
 * ParameterGroups groups = ParameterGrouping.patterns(List.of("down.*", "up.*")).of(graph);
 * }</pre>
 */
@FunctionalInterface
public interface ParameterGrouping {

  /** Name of the group of what no pattern matches. */
  String REST = "rest";

  /** No groups: one coefficient per checkpoint. */
  ParameterGrouping NONE = model -> ParameterGroups.whole(model.numParams());

  /**
   * The groups of a network.
   *
   * @throws IllegalArgumentException where the network has no such groups
   */
  ParameterGroups of(Model model);

  /** A grouping that a configuration names by its kind; found as all {@link Part}s are. */
  interface Named extends ParameterGrouping, Part {}

  /**
   * The groups that a configuration names.
   *
   * @param groups the kind of a {@link Named} alone, or patterns; null for {@link #NONE}
   */
  static ParameterGrouping configured(List<String> groups) {
    if (groups == null) {
      return NONE;
    }
    Named named = groups.size() == 1 ? Parts.of(Named.class).get(groups.get(0)) : null;
    return named == null ? patterns(groups) : named;
  }

  /**
   * A parameter array of a layer, where it lies in the flat vector.
   *
   * @param layer name of the layer, in a {@code MultiLayerNetwork} its index
   * @param name Deeplearning4j's name of the array in the model's parameter table, for example
   *     {@code "conv_in_W"}
   * @param from first parameter
   * @param to the parameter after the last
   */
  record Parameter(String layer, String name, long from, long to) {}

  /** The parameter arrays of a network in the order of its flat vector. */
  static List<Parameter> parameters(Model model) {
    INDArray flat = model.params();
    List<Parameter> parameters = new ArrayList<>();
    for (Map.Entry<String, INDArray> entry : model.paramTable().entrySet()) {
      String name = entry.getKey();
      long from = entry.getValue().offset() - flat.offset();
      String layer = name.substring(0, name.lastIndexOf('_'));
      parameters.add(new Parameter(layer, name, from, from + entry.getValue().length()));
    }
    parameters.sort(Comparator.comparingLong(Parameter::from));
    return parameters;
  }

  /**
   * Groups by layer, in the order in which their first parameters come.
   *
   * @param groupOf name of a layer's group
   */
  static ParameterGrouping byLayer(Function<String, String> groupOf) {
    return model -> grouped(parameters(model), parameter -> groupOf.apply(parameter.layer()));
  }

  /**
   * A group for every pattern, and {@value #REST} for what none matches.
   *
   * @param patterns regular expressions, distinct, at least one; each is held against the whole
   *     name of the layer and against that of the parameter, {@code "down0_0_conv0"} and {@code
   *     "down0_0_conv0_W"} for example. The first that matches counts.
   * @throws IllegalArgumentException where there is none, or one is not a regular expression; later
   *     where one matches nothing in a network
   */
  static ParameterGrouping patterns(List<String> patterns) {
    Refuse.argument(patterns.isEmpty(), "grouping needs at least one pattern, got none");
    List<Pattern> compiled = patterns.stream().map(ParameterGrouping::compiled).toList();
    return model -> matched(compiled, parameters(model));
  }

  /**
   * The groups of {@link #patterns} of parameters that are of no network of Deeplearning4j.
   *
   * @param parameters in the order of the flat vector, without gaps
   * @throws IllegalArgumentException as {@link #patterns}
   */
  static ParameterGroups patterns(List<String> patterns, List<Parameter> parameters) {
    return matched(patterns.stream().map(ParameterGrouping::compiled).toList(), parameters);
  }

  private static ParameterGroups matched(List<Pattern> patterns, List<Parameter> parameters) {
    ParameterGroups groups =
        grouped(
            parameters,
            parameter ->
                patterns.stream()
                    .filter(
                        p ->
                            p.matcher(parameter.layer()).matches()
                                || p.matcher(parameter.name()).matches())
                    .findFirst()
                    .map(Pattern::pattern)
                    .orElse(REST));
    for (Pattern pattern : patterns) {
      Refuse.argument(
          !groups.names().contains(pattern.pattern()),
          "pattern \"%s\" matches no layer or parameter that an earlier one does not, layers: %s",
          pattern,
          parameters.stream().map(Parameter::layer).distinct().collect(Collectors.joining(", ")));
    }
    return groups;
  }

  private static Pattern compiled(String pattern) {
    try {
      return Pattern.compile(pattern);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "\"" + pattern + "\" is no regular expression: " + e.getDescription(), e);
    }
  }

  private static ParameterGroups grouped(
      List<Parameter> parameters, Function<Parameter, String> groupOf) {
    Map<String, Integer> indices = new LinkedHashMap<>();
    List<Segment> segments = new ArrayList<>();
    for (Parameter parameter : parameters) {
      String name = groupOf.apply(parameter);
      indices.putIfAbsent(name, indices.size());
      segments.add(new Segment(indices.get(name), parameter.from(), parameter.to()));
    }
    return new ParameterGroups(List.copyOf(indices.keySet()), segments);
  }
}
