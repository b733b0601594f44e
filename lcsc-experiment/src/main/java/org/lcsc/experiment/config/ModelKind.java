package org.lcsc.experiment.config;

import java.util.List;

/** The kinds of generative models. */
public enum ModelKind {
  /** A diffusion model (DDPM). */
  DIFFUSION,
  /** A denoiser in EDM's parameterisation: the teacher of a distillation. */
  EDM,
  /** A consistency model distilled from a teacher. */
  CONSISTENCY_DISTILLATION,
  /** A consistency model trained without a teacher. */
  CONSISTENCY_TRAINING;

  /** The consistency models. */
  static final List<ModelKind> CONSISTENCY =
      List.of(CONSISTENCY_DISTILLATION, CONSISTENCY_TRAINING);

  /** The models of images and their noise level sigma. */
  static final List<ModelKind> OF_SIGMA =
      List.of(EDM, CONSISTENCY_DISTILLATION, CONSISTENCY_TRAINING);

  /** Whether this is a consistency model. */
  public boolean isConsistency() {
    return CONSISTENCY.contains(this);
  }

  /** Whether the network is a function of images and their noise level sigma. */
  public boolean isOfSigma() {
    return OF_SIGMA.contains(this);
  }
}
