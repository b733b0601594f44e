package org.lcsc.consistency;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.Kind;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.diffusion.layer.Preconditioning.NetworkTime;
import org.lcsc.diffusion.model.EdmModel;
import org.lcsc.diffusion.training.BatchSettings;
import org.lcsc.diffusion.training.TrainingBatches;
import org.lcsc.diffusion.unet.NetworkBody;

/**
 * A consistency model distilled from a teacher (Song et al. 2023, arXiv:2303.01469, Algorithm 2).
 *
 * @param unet its network
 * @param sigmaData as {@link EdmModel#sigmaData}
 * @param networkTime as {@link EdmModel#networkTime}
 * @param teacher model file of the teacher, an edm model of the same network
 * @param teacherConfig configuration file of the run that makes {@code teacher}, trained first
 *     where that file is missing; default null
 * @param consistency distance and schedule
 */
@Kind("consistency-distillation")
public record DistilledModel(
    NetworkBody unet,
    @OptionalKey Double sigmaData,
    @OptionalKey NetworkTime networkTime,
    String teacher,
    @OptionalKey String teacherConfig,
    Distillation consistency)
    implements ConsistencyModel {

  /**
   * Section {@code model.consistency}.
   *
   * @param distance between the two sides of a pair; default {@link Distance#L2}
   * @param huberConstant c of the pseudo-Huber distance, above 0, only with it; default null:
   *     0.00054 times the root of the number of values per image
   * @param backbone the network of the LPIPS distance, only and always with it
   * @param levels N, number of noise levels, from 2 to 1,048,576; default 18
   * @param targetRate mu, the rate of the target's moving average, 0 to less than 1; default 0: the
   *     target is the trained network itself
   */
  public record Distillation(
      Distance distance,
      @OptionalKey Double huberConstant,
      @OptionalKey Backbone backbone,
      int levels,
      double targetRate)
      implements Pairs {

    public Distillation() {
      this(Distance.L2, null, null, 18, 0);
    }

    public Distillation {
      distance.check(huberConstant, backbone);
      Require.between("levels", levels, 2, Checks.MOST_LEVELS);
      Checks.rate("targetRate", targetRate);
    }
  }

  /** The defaults; network and teacher have none. */
  public DistilledModel() {
    this(null, null, null, null, null, new Distillation());
  }

  /** Fills in the time and validates. */
  public DistilledModel {
    networkTime = new EdmModel(unet, sigmaData, networkTime).networkTime();
    Require.path("teacher", teacher);
    Require.path("teacherConfig", teacherConfig);
  }

  @Override
  public String description() {
    return "a distilled consistency model";
  }

  @Override
  public TrainingBatches batches(
      BatchSettings settings, ComputationGraph network, ComputationGraph teacher) {
    ConsistencyCurriculum curriculum =
        new ConsistencyDistillation(consistency.levels, consistency.targetRate, settings.last());
    return ConsistencyBatches.distillation(settings, curriculum, network, teacher);
  }
}
