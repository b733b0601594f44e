package org.lcsc.consistency;

import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.Kind;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.diffusion.layer.Preconditioning;
import org.lcsc.diffusion.layer.Preconditioning.NetworkTime;
import org.lcsc.diffusion.model.EdmModel;
import org.lcsc.diffusion.model.FlowModel;
import org.lcsc.diffusion.model.GenerativeModel;
import org.lcsc.diffusion.training.BatchSettings;
import org.lcsc.diffusion.training.EdmBatches.LogNormal;
import org.lcsc.diffusion.training.TrainingBatches;
import org.lcsc.diffusion.unet.NetworkBody;

/**
 * A consistency model that a diffusion model is tuned to, by easy consistency tuning (Geng et al.
 * 2024, arXiv:2406.14548): it starts with the diffusion model's weights and its parameterisation,
 * which is the identity at noise level 0, and learns from data alone.
 *
 * @param unet its network
 * @param sigmaData as {@link EdmModel#sigmaData}, only of an edm model
 * @param networkTime as {@link EdmModel#networkTime}, only of an edm model
 * @param teacher model file of the diffusion model, of the same network
 * @param teacherConfig configuration file of the run that makes {@code teacher}, trained first
 *     where that file is missing; default null
 * @param teacherKind what kind of model the teacher is; default: what {@code teacherConfig} says,
 *     {@link TeacherKind#EDM} without one
 * @param consistency pairs and their weights
 */
@Kind("consistency-tuning")
public record TunedModel(
    NetworkBody unet,
    @OptionalKey Double sigmaData,
    @OptionalKey NetworkTime networkTime,
    String teacher,
    @OptionalKey String teacherConfig,
    @OptionalKey TeacherKind teacherKind,
    Tuning consistency)
    implements ConsistencyModel {

  /** Whose parameterisation the model has. */
  public enum TeacherKind {
    /** {@link EdmModel}. */
    EDM(new EdmModel()),
    /** {@link FlowModel}. */
    FLOW(new FlowModel());

    private final String kind;

    TeacherKind(GenerativeModel model) {
      kind = model.kind();
    }
  }

  /** How much a pair of levels t and r counts. */
  public enum Weight {
    /** {@code 1 / (t - r)}. */
    INVERSE_GAP,
    /** {@code 1 / t^2 + 1 / sigmaData^2}, as EDM; for a flow {@code (1 + 1 / t)^2}. */
    EDM;

    double of(double t, double r, Preconditioning preconditioning) {
      return this == EDM ? preconditioning.weight(t) : 1 / (t - r);
    }
  }

  /**
   * Section {@code model.consistency}. The distance is the pseudo-Huber distance of whole images,
   * whose gradient is that of the squared error with the adaptive weight {@code 1 / sqrt(|x - y|^2
   * + c^2)}.
   *
   * @param huberConstant c, above 0; default null: 0.00054 times the root of the number of values
   *     per image
   * @param weight of a pair; default {@link Weight#INVERSE_GAP}
   * @param q what the gap is divided by from stage to stage, above 1; default 2
   * @param k how much wider the gap is at low noise levels, at least 0; default 8
   * @param b how fast that ends as t grows, at least 0; default 1
   * @param stages of equal length over the training, at least 1, with q to their power at most
   *     2^20; default 8
   * @param logMean mean of ln t; default -1.1
   * @param logDeviation standard deviation of ln t, above 0; default 2
   */
  public record Tuning(
      @OptionalKey Double huberConstant,
      Weight weight,
      double q,
      double k,
      double b,
      int stages,
      double logMean,
      double logDeviation)
      implements Pairs {

    public Tuning() {
      this(null, Weight.INVERSE_GAP, 2, 8, 1, 8, -1.1, 2);
    }

    public Tuning {
      Require.positive("huberConstant", huberConstant);
      new TuningSchedule(q, k, b, stages);
      Require.not(
          !Double.isFinite(logMean), "logMean", "not finite (%s), allowed: any number", logMean);
      Require.positive("logDeviation", logDeviation);
    }

    @Override
    public Distance distance() {
      return Distance.PSEUDO_HUBER;
    }
  }

  /** The defaults; network and teacher have none. */
  public TunedModel() {
    this(null, null, null, null, null, null, new Tuning());
  }

  /** Fills in the time and validates. */
  public TunedModel {
    Require.path("teacher", teacher);
    Require.path("teacherConfig", teacherConfig);
    if (teacher != null && teacherConfig == null && teacherKind == null) {
      teacherKind = TeacherKind.EDM;
    }
    if (teacherKind == TeacherKind.FLOW) {
      List<TeacherKind> edm = List.of(TeacherKind.EDM);
      Require.onlyWith("sigmaData", sigmaData, "teacherKind", teacherKind, edm);
      Require.onlyWith("networkTime", networkTime, "teacherKind", teacherKind, edm);
    }
    NetworkTime edmTime = new EdmModel(unet, sigmaData, networkTime).networkTime();
    networkTime = teacherKind == TeacherKind.EDM ? edmTime : networkTime;
  }

  @Override
  public List<String> teacherKinds() {
    return Arrays.stream(TeacherKind.values())
        .filter(kind -> teacherKind == null || kind == teacherKind)
        .map(kind -> kind.kind)
        .toList();
  }

  @Override
  public TunedModel taughtBy(GenerativeModel model) {
    return Arrays.stream(TeacherKind.values())
        .filter(kind -> teacherKind == null && kind.kind.equals(model.kind()))
        .findFirst()
        .map(
            kind ->
                new TunedModel(
                    unet, sigmaData, networkTime, teacher, teacherConfig, kind, consistency))
        .orElse(this);
  }

  private boolean isFlow() {
    return teacherKind == TeacherKind.FLOW;
  }

  @Override
  public String description() {
    return "a tuned consistency model";
  }

  /** The diffusion model's own, which tuning does not change. */
  @Override
  public Preconditioning preconditioning(ImageDataSet images) {
    return isFlow() ? FlowModel.denoiser(unet) : teacherPreconditioning(images);
  }

  /** {@inheritDoc} That of a flow is its bare network. */
  @Override
  public Preconditioning teacherPreconditioning(ImageDataSet images) {
    return isFlow() ? null : ConsistencyModel.super.teacherPreconditioning(images);
  }

  @Override
  public TrainingBatches batches(
      BatchSettings settings, ComputationGraph network, ComputationGraph teacher) {
    return new TuningBatches(
        settings,
        preconditioning(settings.images()),
        new LogNormal(consistency.logMean, consistency.logDeviation),
        new TuningSchedule(consistency.q, consistency.k, consistency.b, consistency.stages),
        consistency.weight,
        network);
  }
}
