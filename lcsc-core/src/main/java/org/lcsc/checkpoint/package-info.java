/**
 * The window of recent checkpoints and the merging of them. {@link
 * org.lcsc.checkpoint.CheckpointWindow} is the main type: a ring buffer of flat parameter vectors
 * in off-heap memory or in a memory-mapped file. {@link org.lcsc.checkpoint.CheckpointMerger} forms
 * its linear combinations.
 */
package org.lcsc.checkpoint;
