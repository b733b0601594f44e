package org.lcsc.experiment;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.averaging.PostHocEma;
import org.lcsc.checkpoint.CheckpointArchive;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.ParameterStream;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.io.ChecksummedFile;
import org.lcsc.listener.ListenerState;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A training between two updates, in the {@code state/} of its run directory: {@code training.bin}
 * with everything but the checkpoints, written whole or not at all, and the checkpoints, written
 * once: in a file each, or where a mapped window has them already. A training that continues from
 * it ends with the same bits as one that was never interrupted. Not thread-safe.
 *
 * @param directory of the run
 * @param identity of configuration and data: a state of others is refused
 * @param network that is trained
 * @param windows checkpoints by where they are kept, in their order in the file
 * @param postHoc null where there is none
 */
record TrainingState(
    RunDirectory directory,
    String identity,
    ComputationGraph network,
    Map<CheckpointArchive, CheckpointWindow> windows,
    PostHocEma postHoc) {

  private static final long MAGIC = 0x4c4353432d545233L; // "LCSC-TR3"

  /**
   * The state of a training.
   *
   * @param window null where there is none
   */
  static TrainingState of(
      RunDirectory directory,
      String identity,
      ComputationGraph network,
      CheckpointWindow window,
      PostHocEma postHoc) {
    Map<String, CheckpointWindow> named = new LinkedHashMap<>();
    if (window != null) {
      named.put("window", window);
    }
    if (postHoc != null) {
      named.put("post-hoc-narrow", postHoc.snapshots(0));
      named.put("post-hoc-wide", postHoc.snapshots(1));
    }
    Map<CheckpointArchive, CheckpointWindow> windows = new LinkedHashMap<>();
    named.forEach(
        (name, kept) -> windows.put(new CheckpointArchive(directory.state().resolve(name)), kept));
    return new TrainingState(directory, identity, network, windows, postHoc);
  }

  /**
   * What else a training is made of.
   *
   * @param progress how far it is
   * @param listener averages and results
   * @param target the target network of a consistency training {@code [P]}, or null
   */
  record Parts(TrainingProgress.Saved progress, ListenerState listener, INDArray target) {}

  /**
   * Saves.
   *
   * @throws IOException where it cannot be written; the state saved before is then still there
   */
  void save(Parts parts) throws IOException {
    directory.requirePresent();
    ChecksummedFile.write(directory.trainingState(), MAGIC, out -> write(parts, out));
    for (Map.Entry<CheckpointArchive, CheckpointWindow> kept : windows.entrySet()) {
      kept.getKey().saved(kept.getValue());
    }
  }

  private void write(Parts parts, DataOutputStream out) throws IOException {
    byte[] text = identity.getBytes(StandardCharsets.UTF_8);
    out.writeInt(text.length);
    out.write(text);
    TrainingProgress.Saved progress = parts.progress();
    out.writeInt(progress.iteration());
    out.writeDouble(progress.lossSum());
    out.writeInt(progress.lossCount());
    out.writeInt(progress.lastRow());
    out.writeDouble(progress.seconds());
    ParameterStream.write(out, network.params());
    ParameterStream.write(out, network.getUpdater().getStateViewArray());
    ParameterStream.write(out, parts.target());
    parts.listener().write(out);
    if (postHoc != null) {
      out.writeLong(postHoc.updates());
      ParameterStream.write(out, postHoc.average(0).parameters());
      ParameterStream.write(out, postHoc.average(1).parameters());
    }
    for (Map.Entry<CheckpointArchive, CheckpointWindow> kept : windows.entrySet()) {
      kept.getKey().save(kept.getValue(), out);
    }
  }

  /**
   * Restores network, window and post-hoc averages.
   *
   * @return the rest
   * @throws IOException where the state is damaged, or of another configuration or other data
   */
  Parts restore() throws IOException {
    return ChecksummedFile.read(directory.trainingState(), MAGIC, this::read);
  }

  private Parts read(DataInputStream in) throws IOException {
    String saved = new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    if (!saved.equals(identity)) {
      throw new IOException(
          "is of another configuration or other data than "
              + directory.config()
              + " says now, allowed: the ones that the run began with");
    }
    TrainingProgress.Saved progress =
        new TrainingProgress.Saved(
            in.readInt(), in.readDouble(), in.readInt(), in.readInt(), in.readDouble());
    INDArray parameters = ParameterStream.read(in, network.numParams());
    network.setParams(parameters);
    parameters.close();
    network.getConfiguration().setIterationCount(progress.iteration());
    ParameterStream.readInto(in, network.getUpdater().getStateViewArray());
    INDArray target = ParameterStream.read(in, network.numParams());
    ListenerState listener = ListenerState.read(in, network.numParams());
    if (postHoc != null) {
      long updates = in.readLong();
      postHoc.restore(
          ParameterStream.read(in, network.numParams()),
          ParameterStream.read(in, network.numParams()),
          updates);
    }
    for (Map.Entry<CheckpointArchive, CheckpointWindow> kept : windows.entrySet()) {
      kept.getKey().restore(kept.getValue(), in);
    }
    return new Parts(progress, listener, target);
  }
}
