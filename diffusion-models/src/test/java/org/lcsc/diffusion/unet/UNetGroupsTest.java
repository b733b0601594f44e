package org.lcsc.diffusion.unet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.model.ParameterGrouping;
import org.lcsc.model.ParameterGrouping.Parameter;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.NoOp;

class UNetGroupsTest {

  private final ComputationGraph network =
      UNets.network(
          new DdpmppConfig(8, List.of(1, 2), 1, List.of(4), 1, 0, false),
          new NetworkBody.Images(3, 8),
          new NoOp(),
          7,
          DataType.FLOAT);

  private String groupOf(ParameterGroups groups, String layer) {
    return ParameterGrouping.parameters(network).stream()
        .filter(parameter -> parameter.layer().equals(layer))
        .map(parameter -> groups.names().get(at(groups, parameter)))
        .distinct()
        .collect(Collectors.joining(" and "));
  }

  private static int at(ParameterGroups groups, Parameter parameter) {
    return groups.segments().stream()
        .filter(s -> s.from() <= parameter.from() && s.to() >= parameter.to())
        .findFirst()
        .orElseThrow()
        .group();
  }

  @Test
  void wayDownMiddleAndWayUpAreGroups() {
    ParameterGroups groups = new UNetGroups.EncoderMiddleDecoder().of(network);
    assertThat(groups.names()).containsExactlyInAnyOrder("encoder", "middle", "decoder");
    assertThat(groupOf(groups, "conv_in")).isEqualTo("encoder");
    assertThat(groupOf(groups, "down1_0_conv1")).isEqualTo("encoder");
    assertThat(groupOf(groups, "time_dense1")).isEqualTo("middle");
    assertThat(groupOf(groups, "middle_attention_heads")).isEqualTo("middle");
    assertThat(groupOf(groups, "up0_1_time")).isEqualTo("decoder");
    assertThat(groupOf(groups, "norm_out")).isEqualTo("decoder");
    assertThat(groups.parameters()).isEqualTo(network.numParams());
  }

  @Test
  void levelsOfBothWaysAreGroups() {
    ParameterGroups groups = new UNetGroups.Resolution().of(network);
    TreeMap<String, String> found = new TreeMap<>();
    for (String layer :
        List.of("conv_in", "conv_out", "down0_0_conv0", "up0_0_conv0", "down1_0_conv0")) {
      found.put(layer, groupOf(groups, layer));
    }
    assertThat(found)
        .containsEntry("conv_in", "level0")
        .containsEntry("conv_out", "level0")
        .containsEntry("down0_0_conv0", "level0")
        .containsEntry("up0_0_conv0", "level0")
        .containsEntry("down1_0_conv0", "level1");
    assertThat(groupOf(groups, "middle_1_conv0")).as("the lowest").isEqualTo("level1");
    assertThat(groupOf(groups, "time_dense0")).isEqualTo("level1");
    assertThat(groups.names()).containsExactlyInAnyOrder("level0", "level1");
  }
}
