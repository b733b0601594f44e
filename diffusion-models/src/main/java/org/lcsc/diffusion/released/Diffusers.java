package org.lcsc.diffusion.released;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.Kind;
import org.lcsc.diffusion.layer.GroupNorm;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNetConfig;
import org.lcsc.diffusion.unet.UNetConfig.Conventions;
import org.lcsc.diffusion.unet.UNetConfig.TimeConditioning;
import org.lcsc.diffusion.unet.UNetShape;
import org.lcsc.io.Json;
import org.lcsc.io.Refuse;

/**
 * The kind {@code diffusers}: {@code UNet2DModel} of Hugging Face's diffusers, such as that of
 * google/ddpm-cifar10-32. The file {@code config.json} beside the weights tells the network, {@code
 * scheduler_config.json} its chain. Names of attentions from before version 0.15 ({@code query},
 * {@code proj_attn}) are read too.
 */
@Kind("diffusers")
public record Diffusers() implements ReleasedNames {

  private static final String CONFIG = "config.json";

  private static final Map<String, String> PARTS =
      Map.of(
          "norm0", "norm1",
          "conv0", "conv1",
          "time", "time_emb_proj",
          "norm1", "norm2",
          "conv1", "conv2",
          "shortcut", "conv_shortcut");

  /** Small print of a network: sinusoid, epsilon, padding. */
  private record SmallPrint(boolean flip, int shift, double epsilon, int padding) {

    static final SmallPrint DDPM = new SmallPrint(false, 1, 1e-6, 0);
    static final SmallPrint IDDPM = new SmallPrint(true, 0, 1e-5, 1);
    static final SmallPrint CORNER = new SmallPrint(true, 0, 1e-5, 0);

    static SmallPrint of(UNetConfig body) {
      return body.conventions() == null && body.isImproved()
          ? CORNER
          : body.isImproved() ? IDDPM : DDPM;
    }
  }

  @Override
  public boolean recognises(ReleasedFile file) {
    return file.names().contains("time_embedding.linear_1.weight");
  }

  @Override
  public ReleasedNetwork network(ReleasedFile file) throws IOException {
    Path path = file.path().resolveSibling(CONFIG);
    if (!Files.isRegularFile(path)) {
      throw file.refused("%s: no such file, which tells the network", path);
    }
    JsonConfig config = new JsonConfig(path, Json.read(path));
    for (String[] fixed :
        new String[][] {
          {"_class_name", "UNet2DModel"},
          {"act_fn", "silu"},
          {"time_embedding_type", "positional"},
          {"downsample_type", "conv"},
          {"upsample_type", "conv"},
          {"mid_block_type", "UNetMidBlock2D"},
          {"center_input_sample", "false"},
          {"add_attention", "true"},
          {"class_embed_type", "null"},
          {"time_embedding_dim", "null"},
        }) {
      config.require(fixed[0], fixed[1]);
    }
    config.require("mid_block_scale_factor", 1);
    int side = config.number("sample_size", null);
    List<Integer> widths = config.numbers("block_out_channels");
    int channels = widths.get(0);
    List<Integer> multipliers = new ArrayList<>();
    for (int width : widths) {
      if (width % channels != 0) {
        throw config.refused("block_out_channels", widths, "multiples of the first");
      }
      multipliers.add(width / channels);
    }
    boolean scaleShift = config.text("resnet_time_scale_shift", "default").equals("scale_shift");
    int groups = config.number("norm_num_groups", 32);
    // The middle's attention has a normalisation without this only where time is added.
    if (config.root().path("attn_norm_num_groups").asInt(scaleShift ? 0 : groups) != groups) {
      throw config.refused(
          "attn_norm_num_groups", config.root().path("attn_norm_num_groups"), "" + groups);
    }
    JsonNode head = config.root().path("attention_head_dim");
    Integer headChannels =
        head.isMissingNode() ? Integer.valueOf(8) : head.isNull() ? null : (Integer) head.asInt();
    JsonNode classes = config.root().path("num_class_embeds");
    UNetConfig body =
        new UNetConfig(
            channels,
            multipliers,
            config.number("layers_per_block", 2),
            attention(config, side, widths.size()),
            1,
            config.root().path("dropout").asDouble(0),
            scaleShift ? TimeConditioning.SCALE_SHIFT : TimeConditioning.ADD,
            classes.isInt(),
            true,
            headChannels,
            groups == 32 && channels >= 128 ? null : (Integer) groups,
            conventions(config, scaleShift));
    return new ReleasedNetwork(
        body,
        new NetworkBody.Images(config.number("in_channels", 3), side, classes.asInt(0)),
        "diffusion",
        null);
  }

  private static List<Integer> attention(JsonConfig config, int side, int levels)
      throws IOException {
    List<String> down = config.texts("down_block_types");
    List<String> up = config.texts("up_block_types");
    List<Integer> attention = new ArrayList<>();
    boolean known = down.size() == levels && up.size() == levels;
    for (int level = 0; known && level < levels; level++) {
      boolean attends = down.get(level).equals("AttnDownBlock2D");
      known =
          (attends || down.get(level).equals("DownBlock2D"))
              && up.get(levels - 1 - level).equals(attends ? "AttnUpBlock2D" : "UpBlock2D");
      if (attends) {
        attention.add(side >> level);
      }
    }
    if (!known) {
      throw config.refused(
          "down_block_types and up_block_types",
          down + " and " + up,
          "DownBlock2D and AttnDownBlock2D, one a level, and the same on the way up");
    }
    return attention;
  }

  private static Conventions conventions(JsonConfig config, boolean scaleShift) throws IOException {
    SmallPrint print =
        new SmallPrint(
            config.root().path("flip_sin_to_cos").asBoolean(true),
            config.number("freq_shift", 0),
            config.root().path("norm_eps").asDouble(1e-5),
            config.number("downsample_padding", 1));
    if (print.equals(SmallPrint.DDPM)) {
      return Conventions.DDPM;
    }
    if (print.equals(SmallPrint.IDDPM)) {
      return Conventions.IDDPM;
    }
    if (scaleShift && print.equals(SmallPrint.CORNER)) {
      return null;
    }
    throw config.refused(
        "flip_sin_to_cos, freq_shift, norm_eps and downsample_padding",
        print.flip() + ", " + print.shift() + ", " + print.epsilon() + ", " + print.padding(),
        "false, 1, 1e-6, 0 or true, 0, 1e-5, 1");
  }

  @Override
  public ModuleNames names(UNetShape body, ComputationGraph network, int side) {
    requireOurs(body);
    int levels = body.multipliers().size();
    return new ModuleNames(
        layer -> module(levels, layer),
        List.of("to_q", "to_k", "to_v", "to_out.0"),
        Arrangement.SAME,
        2,
        Arrangement.TRANSPOSED);
  }

  private static UNetConfig requireOurs(UNetShape body) {
    if (body instanceof UNetConfig config) {
      return config;
    }
    throw new IllegalArgumentException(
        "diffusers has no UNet2DModel of architecture " + body.kind() + ", allowed: ddpm");
  }

  /** Attentions of old files by the new names. */
  @Override
  public String renamed(String name) {
    return name.contains(".attentions.")
        ? name.replaceFirst("\\.query\\.", ".to_q.")
            .replaceFirst("\\.key\\.", ".to_k.")
            .replaceFirst("\\.value\\.", ".to_v.")
            .replaceFirst("\\.proj_attn\\.", ".to_out.0.")
        : name;
  }

  private static String module(int levels, LayerName layer) {
    if (layer.way() == null) {
      return switch (layer.part()) {
        case "norm_out" -> "conv_norm_out";
        case "time_dense0" -> "time_embedding.linear_1";
        case "time_dense1" -> "time_embedding.linear_2";
        case "label_embedding" -> "class_embedding";
        default -> layer.part();
      };
    }
    String level =
        layer.isMiddle()
            ? "mid_block"
            : layer.isDown()
                ? "down_blocks." + layer.level()
                : "up_blocks." + (levels - 1 - layer.level());
    if (layer.isSample()) {
      return level + (layer.isDown() ? ".downsamplers.0.conv" : ".upsamplers.0.conv");
    }
    if (layer.attention()) {
      String attention = level + ".attentions." + (layer.isMiddle() ? "0" : layer.block());
      return LayerName.HEADS.equals(layer.part()) ? attention : attention + ".group_norm";
    }
    return level + ".resnets." + layer.block() + "." + PARTS.get(layer.part());
  }

  @Override
  public Optional<ReleasedChain> chain(ReleasedFile file) throws IOException {
    return DiffusersScheduler.read(file.path());
  }

  @Override
  public List<String> files() {
    return List.of(CONFIG, DiffusersScheduler.FILE);
  }

  @Override
  public Map<String, String> beside(
      UNetShape body, ComputationGraph network, int side, ReleasedChain chain) {
    Map<String, String> files = new TreeMap<>();
    files.put(CONFIG, configuration(requireOurs(body), network, side));
    Optional.ofNullable(chain)
        .flatMap(DiffusersScheduler::text)
        .ifPresent(text -> files.put(DiffusersScheduler.FILE, text));
    return files;
  }

  private static String configuration(UNetConfig body, ComputationGraph network, int side) {
    SmallPrint print = SmallPrint.of(body);
    Set<Integer> groups = new TreeSet<>();
    Arrays.stream(network.getLayers())
        .filter(layer -> layer.conf().getLayer() instanceof GroupNorm)
        .forEach(layer -> groups.add(((GroupNorm) layer.conf().getLayer()).groupCount()));
    Refuse.argument(
        groups.size() > 1,
        "diffusers normalises in one number of groups, this network in %s; allowed: trained with"
            + " unet.groups",
        groups);
    Refuse.argument(
        body.headChannels() == null && body.heads() > 1,
        "diffusers gives all attention heads one width, this network has %s heads of any;"
            + " allowed: trained with unet.headChannels",
        body.heads());
    int colours = Math.toIntExact(network.paramTable().get("conv_in_W").size(1));
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("_class_name", "UNet2DModel");
    json.put("act_fn", "silu");
    json.put("attn_norm_num_groups", groups.iterator().next());
    json.put("attention_head_dim", body.headChannels());
    var widths = json.putArray("block_out_channels");
    var down = json.putArray("down_block_types");
    List<String> up = new ArrayList<>();
    for (int level = 0; level < body.multipliers().size(); level++) {
      boolean attends = body.attention().contains(side >> level);
      widths.add(body.channelsAt(level));
      down.add(attends ? "AttnDownBlock2D" : "DownBlock2D");
      up.add(0, attends ? "AttnUpBlock2D" : "UpBlock2D");
    }
    json.put("center_input_sample", false);
    json.put("downsample_padding", print.padding());
    json.put("dropout", body.dropout());
    json.put("flip_sin_to_cos", print.flip());
    json.put("freq_shift", print.shift());
    json.put("in_channels", colours);
    json.put("layers_per_block", body.blocks());
    json.put("mid_block_scale_factor", 1);
    json.put("norm_eps", print.epsilon());
    json.put("norm_num_groups", groups.iterator().next());
    var table = network.paramTable().get("label_embedding_W");
    if (table != null) {
      json.put("num_class_embeds", table.size(1));
    }
    json.put("out_channels", colours);
    json.put(
        "resnet_time_scale_shift",
        body.timeEmbedding() == TimeConditioning.SCALE_SHIFT ? "scale_shift" : "default");
    json.put("sample_size", side);
    json.put("time_embedding_type", "positional");
    var ups = json.putArray("up_block_types");
    up.forEach(ups::add);
    return json.toPrettyString() + "\n";
  }
}
