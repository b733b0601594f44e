package org.lcsc.tensor;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.lcsc.config.Printable;
import org.lcsc.io.Json;
import org.lcsc.io.Refuse;

/**
 * A model in several safetensors files with an index, as Hugging Face's libraries write it: {@code
 * weight_map} names the file of every tensor. It is written as one file.
 */
final class ShardedSafetensors implements TensorFile {

  private static final Pattern NO_FILE_NAME = Pattern.compile("[/\\\\\\p{Cntrl}]");

  private final Map<String, SafetensorsFile> shards;
  private final Map<String, SafetensorsFile> places = new LinkedHashMap<>();
  private final List<Tensor> tensors = new ArrayList<>();

  private ShardedSafetensors(Map<String, SafetensorsFile> shards) {
    this.shards = shards;
  }

  /** The index and its shards. */
  static List<Path> files(Path index) throws IOException {
    Set<Path> files = new LinkedHashSet<>(List.of(index));
    for (JsonNode entry : places(index)) {
      files.add(shard(index, entry.asText()));
    }
    return List.copyOf(files);
  }

  private static JsonNode places(Path index) throws IOException {
    JsonNode map = Json.read(index).path("weight_map");
    if (!map.isObject() || map.isEmpty()) {
      throw new IOException(index + ": no index of shards: weight_map is missing or empty");
    }
    return map;
  }

  static ShardedSafetensors open(Path index) throws IOException {
    JsonNode map = places(index);
    Map<String, SafetensorsFile> shards = new LinkedHashMap<>();
    ShardedSafetensors whole = new ShardedSafetensors(shards);
    try {
      for (JsonNode entry : map) {
        String name = entry.asText();
        if (!shards.containsKey(name)) {
          shards.put(name, SafetensorsFile.open(shard(index, name)));
        }
      }
      for (Map.Entry<String, SafetensorsFile> shard : shards.entrySet()) {
        for (Tensor tensor : shard.getValue().tensors()) {
          if (shard.getKey().equals(map.path(tensor.name()).asText())) {
            whole.tensors.add(tensor);
            whole.places.put(tensor.name(), shard.getValue());
          }
        }
      }
      for (Map.Entry<String, JsonNode> entry : map.properties()) {
        if (!whole.places.containsKey(entry.getKey())) {
          throw new IOException(
              index
                  + ": tensor "
                  + Printable.oneLine(entry.getKey())
                  + " is not in "
                  + Printable.oneLine(entry.getValue().asText()));
        }
      }
      return whole;
    } catch (IOException | RuntimeException e) {
      whole.close();
      throw e;
    }
  }

  /** A name must not lead out of the directory. */
  private static Path shard(Path index, String name) throws IOException {
    if (!name.endsWith(SafetensorsFormat.SUFFIX) || NO_FILE_NAME.matcher(name).find()) {
      throw new IOException(
          index
              + ": shard ("
              + Printable.oneLine(name)
              + ") is no file name, allowed: files .safetensors beside the index");
    }
    Path shard = index.resolveSibling(name);
    Refuse.file(!Files.isRegularFile(shard), "%s: shard %s is missing", index, name);
    return shard;
  }

  @Override
  public List<Tensor> tensors() {
    return List.copyOf(tensors);
  }

  @Override
  public Map<String, String> metadata() {
    return shards.values().iterator().next().metadata();
  }

  @Override
  public void read(Tensor tensor, long from, ByteBuffer target) throws IOException {
    places.get(tensor.name()).read(tensor, from, target);
  }

  @Override
  public void rewrite(Path target, TensorValues values) throws IOException {
    SafetensorsFile.write(target, tensors, metadata(), values);
  }

  @Override
  public void close() throws IOException {
    for (SafetensorsFile shard : shards.values()) {
      shard.close();
    }
  }
}
