package org.lcsc.diffusion.released;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.Kind;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.diffusion.layer.GroupNorm;
import org.lcsc.diffusion.layer.Preconditioning.NetworkTime;
import org.lcsc.diffusion.unet.AdmConfig;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNetConfig;
import org.lcsc.diffusion.unet.UNetConfig.Conventions;
import org.lcsc.diffusion.unet.UNetConfig.TimeConditioning;
import org.lcsc.diffusion.unet.UNetShape;
import org.lcsc.io.Refuse;

/**
 * The kind {@code openai}: {@code UNetModel} of openai's improved-diffusion and guided-diffusion,
 * with the attention of their usual settings. Learned variances are left out: the half of the
 * output that predicts the mean is taken.
 *
 * @param side of the images in pixels, which the files do not tell
 * @param heads attention heads; default null: where a head has {@code headChannels}
 * @param headChannels channels of an attention head; default null: with blocks that resample (ADM)
 *     64
 * @param newAttentionOrder whether query, key and value come before the heads, as with {@code
 *     use_new_attention_order}, which guided diffusion's model of 64 pixels has; default false
 */
@Kind("openai")
public record GuidedDiffusion(
    @OptionalKey Integer side,
    @OptionalKey Integer heads,
    @OptionalKey Integer headChannels,
    boolean newAttentionOrder)
    implements ReleasedNames {

  /** Groups of every normalisation. */
  private static final int GROUPS = 32;

  private static final int USUAL_HEAD = 64;

  private static final Map<String, String> PARTS =
      Map.of(
          "norm0", "in_layers.0",
          "conv0", "in_layers.2",
          "time", "emb_layers.1",
          "norm1", "out_layers.0",
          "conv1", "out_layers.3",
          "shortcut", "skip_connection");

  /** The defaults; the side has none. */
  public GuidedDiffusion() {
    this(null, null, null, false);
  }

  public GuidedDiffusion {
    Require.atLeast("side", side, 1);
    Require.atLeast("heads", heads, 1);
    Require.atLeast("headChannels", headChannels, 1);
    Require.not(
        heads != null && headChannels != null,
        "heads",
        "has no effect beside headChannels (%s), allowed: one of both",
        heads);
  }

  @Override
  public boolean recognises(ReleasedFile file) {
    return isOpenAi(file);
  }

  static boolean isOpenAi(ReleasedFile file) {
    return file.names().contains("time_embed.0.weight");
  }

  @Override
  public ReleasedNetwork network(ReleasedFile file) throws IOException {
    return network(file, "diffusion", null);
  }

  ReleasedNetwork network(ReleasedFile file, String model, NetworkTime networkTime)
      throws IOException {
    if (side == null) {
      throw file.refused("does not tell the images' side, needed: --side");
    }
    int channels = file.extent("time_embed.0.weight", 1);
    int outputs = 0;
    int blocks = -1;
    boolean adm = false;
    for (; has(file, output(outputs, 0) + ".in_layers.2"); outputs++) {
      for (int part = 1; part <= 2 && blocks < 0; part++) {
        adm = has(file, output(outputs, part) + ".in_layers.2");
        blocks = adm || has(file, output(outputs, part) + ".conv") ? outputs : -1;
      }
    }
    blocks = blocks < 0 ? outputs - 1 : blocks;
    if (outputs == 0 || blocks < 1 || outputs % (blocks + 1) != 0) {
      throw file.refused("its output_blocks are not those of a UNetModel that resamples");
    }
    List<Integer> multipliers = new ArrayList<>();
    List<Integer> attention = new ArrayList<>();
    boolean scaleShift = false;
    for (int level = 0; level < outputs / (blocks + 1); level++) {
      String block = "input_blocks." + (1 + level * (blocks + 1));
      int width = file.extent(block + ".0.out_layers.3.weight", 0);
      if (width % channels != 0) {
        throw file.refused(
            "a level has %s channels, allowed: multiples of the first (%s)", width, channels);
      }
      multipliers.add(width / channels);
      scaleShift = file.extent(block + ".0.emb_layers.1.weight", 0) == 2 * width;
      if (has(file, block + ".1.qkv")) {
        attention.add(side >> level);
      }
    }
    if (adm && !scaleShift) {
      throw file.refused("resamples in blocks that are not scaled and shifted by the time");
    }
    boolean labels = file.names().contains("label_emb.weight");
    Integer groups = channels >= 4 * GROUPS ? null : (Integer) GROUPS;
    UNetShape body =
        adm
            ? new AdmConfig(
                channels, multipliers, blocks, attention, admHead(file), 0, labels, groups)
            : new UNetConfig(
                channels,
                multipliers,
                blocks,
                attention,
                heads(file),
                0,
                scaleShift ? TimeConditioning.SCALE_SHIFT : TimeConditioning.ADD,
                labels,
                true,
                headChannels,
                groups,
                Conventions.IDDPM);
    return new ReleasedNetwork(
        body,
        new NetworkBody.Images(
            file.extent("input_blocks.0.0.weight", 1),
            side,
            labels ? file.extent("label_emb.weight", 0) : 0),
        model,
        networkTime);
  }

  private int heads(ReleasedFile file) throws IOException {
    if (heads == null && headChannels == null) {
      throw file.refused("does not tell its attention heads, needed: --heads or --head-channels");
    }
    return heads == null ? 1 : heads;
  }

  private int admHead(ReleasedFile file) throws IOException {
    if (heads != null) {
      throw file.refused(
          "heads of a network that resamples in blocks are of one width here, needed:"
              + " --head-channels in place of --heads");
    }
    return headChannels == null ? USUAL_HEAD : headChannels;
  }

  private static boolean has(ReleasedFile file, String module) {
    return file.names().contains(module + ".weight");
  }

  private static String output(int number, int part) {
    return "output_blocks." + number + "." + part;
  }

  @Override
  public ModuleNames names(UNetShape body, ComputationGraph network, int side) {
    Arrangement order = newAttentionOrder ? Arrangement.PARTS_FIRST : Arrangement.HEADS_FIRST;
    return names(body, network, side, order, 3);
  }

  @Override
  public String assumption() {
    return newAttentionOrder
        ? null
        : "that it was trained without use_new_attention_order (else --new-attention-order)";
  }

  static ModuleNames names(
      UNetShape body, ComputationGraph network, int side, Arrangement joined, int axes) {
    boolean ours =
        body instanceof AdmConfig
            || (body instanceof UNetConfig config && config.conventions() == Conventions.IDDPM);
    Refuse.argument(
        !ours,
        "openai's code has no such network (%s), allowed: architecture adm, and ddpm with"
            + " conventions: iddpm",
        body.description());
    boolean groups =
        Arrays.stream(network.getLayers())
            .filter(layer -> layer.conf().getLayer() instanceof GroupNorm)
            .allMatch(layer -> ((GroupNorm) layer.conf().getLayer()).groupCount() == GROUPS);
    Refuse.argument(
        !groups,
        "openai's code normalises in %d groups, allowed: trained with unet.groups: %d",
        GROUPS,
        GROUPS);
    return new ModuleNames(
        layer -> module(body, side, layer),
        List.of("qkv", "qkv", "qkv", "proj_out"),
        joined,
        axes,
        Arrangement.TRANSPOSED);
  }

  private static String module(UNetShape body, int side, LayerName layer) {
    if (layer.way() == null) {
      return switch (layer.part()) {
        case "conv_in" -> "input_blocks.0.0";
        case "norm_out" -> "out.0";
        case "conv_out" -> "out.2";
        case "time_dense0" -> "time_embed.0";
        case "time_dense1" -> "time_embed.2";
        case "label_embedding" -> "label_emb";
        default -> throw new IllegalArgumentException("openai has no layer " + layer.part());
      };
    }
    String block = block(body, side, layer);
    if (layer.attention()) {
      return LayerName.HEADS.equals(layer.part()) ? block : block + ".norm";
    }
    if (layer.part() == null) {
      return block + (layer.isDown() ? ".op" : ".conv");
    }
    return block + "." + PARTS.get(layer.part());
  }

  private static String block(UNetShape body, int side, LayerName layer) {
    if (layer.isMiddle()) {
      return "middle_block." + (layer.attention() ? 1 : 2 * layer.number());
    }
    int perLevel = body.blocks() + 1;
    int within = layer.isSample() ? body.blocks() : layer.number();
    if (layer.isDown()) {
      int number = 1 + layer.level() * perLevel + within;
      return "input_blocks." + number + (layer.attention() ? ".1" : ".0");
    }
    int number = (body.multipliers().size() - 1 - layer.level()) * perLevel + within;
    int attentions = body.attention().contains(side >> layer.level()) ? 1 : 0;
    return output(number, layer.attention() ? 1 : layer.isSample() ? 1 + attentions : 0);
  }
}
