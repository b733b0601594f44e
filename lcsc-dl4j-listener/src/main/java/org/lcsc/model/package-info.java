/**
 * Deeplearning4j's model files. {@link org.lcsc.model.ModelFile} reads and writes one without
 * trusting it, {@link org.lcsc.model.CheckpointDirectory} fills a window from a folder of them.
 */
package org.lcsc.model;
