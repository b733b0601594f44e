package org.lcsc.spark;

import java.util.Objects;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.objective.Objective;

/**
 * What one process evaluates with.
 *
 * @param merger the checkpoints
 * @param objective scores on search noise, with a network of its own
 * @param validation scores on validation noise, or null where nothing is validated
 * @param resources closed at the end, the checkpoint window for example
 */
public record Replica(
    CheckpointMerger merger, Objective objective, Objective validation, AutoCloseable resources)
    implements AutoCloseable {

  public Replica {
    Objects.requireNonNull(merger, "merger");
    Objects.requireNonNull(objective, "objective");
    Objects.requireNonNull(resources, "resources");
  }

  @Override
  public void close() throws Exception {
    resources.close();
  }
}
