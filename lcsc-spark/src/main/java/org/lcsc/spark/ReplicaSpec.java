package org.lcsc.spark;

import java.io.Serializable;

/**
 * What travels with every task for its executor to open, or find open, the right replica.
 *
 * @param id of the evaluator, in all processes
 * @param factory opens the replica
 * @param mergeRows most candidates merged at once
 * @param shards the most parts of a gradient's samples
 * @param window the checkpoints that the driver has
 */
record ReplicaSpec(
    String id, ReplicaFactory factory, int mergeRows, int shards, WindowIdentity window)
    implements Serializable {}
