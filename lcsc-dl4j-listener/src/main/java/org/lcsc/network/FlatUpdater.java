package org.lcsc.network;

import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.lcsc.io.HostMemory;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Updates a graph as Deeplearning4j does, bit for bit, without its views of every parameter. {@link
 * ComputationGraphUpdater} compares the gradient with its own by identity, never finds them the
 * same, and cuts two views for each parameter at each step, every one a view of the view before:
 * some milliseconds for a hundred parameters, more with their square.
 *
 * <p>As thread-safe as the graph.
 */
public final class FlatUpdater extends ComputationGraphUpdater {

  private final INDArray own;

  private FlatUpdater(ComputationGraph network, INDArray state) {
    super(network, state);
    own = network.getFlattenedGradients();
  }

  /**
   * Lets a graph be updated by a new updater of this kind, which takes over the state of the one
   * that the graph has.
   *
   * @param network an initialised graph
   */
  public static void attachTo(ComputationGraph network) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      ComputationGraphUpdater before = network.getUpdater(false);
      network.setUpdater(
          new FlatUpdater(network, before == null ? null : before.getStateViewArray()));
    }
  }

  @Override
  public synchronized void update(
      Gradient gradient,
      int iteration,
      int epoch,
      int batchSize,
      LayerWorkspaceMgr workspaceManager) {
    super.update(
        isOwn(gradient) ? new Own(gradient) : gradient,
        iteration,
        epoch,
        batchSize,
        workspaceManager);
  }

  private boolean isOwn(Gradient gradient) {
    INDArray flat = gradient.gradient();
    return getFlattenedGradientsView() == own
        && flat.length() == own.length()
        && HostMemory.same(flat, own);
  }

  /** A gradient that gives the graph's array itself, which the superclass knows by identity. */
  private final class Own extends DefaultGradient {

    Own(Gradient gradient) {
      gradient.gradientForVariable().forEach(this::setGradientFor);
    }

    @Override
    public INDArray gradient() {
      return own;
    }
  }
}
