package org.lcsc.spark;

import java.io.IOException;
import java.io.Serializable;

/**
 * Opens a search's checkpoints and objectives, once in every executor. What is serialised is this
 * factory, so it holds texts and paths, never networks or arrays.
 *
 * <pre>{@code
 * record MyReplica(String directory) implements ReplicaFactory {
 *   public Replica open() throws IOException {
 *     CheckpointDirectory checkpoints = CheckpointDirectory.open(Path.of(directory));
 *     ComputationGraph network = ...;
 *     CheckpointWindow window = checkpoints.load();
 *     return new Replica(CheckpointMerger.of(window), fid(network, 7), fid(network, 8), window);
 *   }
 * }
 * }</pre>
 *
 * @see ConfiguredReplica
 */
@FunctionalInterface
public interface ReplicaFactory extends Serializable {

  /**
   * Opens a replica; on every machine an equal one.
   *
   * @throws IOException where checkpoints or data cannot be read; Spark tries again, here or
   *     elsewhere
   */
  Replica open() throws IOException;
}
