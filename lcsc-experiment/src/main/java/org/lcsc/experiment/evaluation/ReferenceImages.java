package org.lcsc.experiment.evaluation;

import java.io.IOException;
import org.apache.commons.io.function.IOSupplier;
import org.lcsc.datasets.DataSetException;
import org.lcsc.datasets.DataSetSettings;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.datasets.Split;
import org.lcsc.experiment.Experiment;
import org.lcsc.image.ImageShape;

/**
 * Real images to compare with: those a model was trained on, and those that were held out.
 *
 * @param dataset name of the data set
 * @param training the training images
 * @param heldOut those held out; null where there are none
 * @param missing why there are none held out, or null
 */
public record ReferenceImages(
    String dataset, ImageDataSet training, ImageDataSet heldOut, String missing) {

  /** The images of an experiment. */
  public static ReferenceImages of(Experiment experiment) throws IOException {
    return of(experiment.config().dataset().kind(), experiment.images(), experiment::heldOut);
  }

  /**
   * The images of a data set.
   *
   * @throws IOException where they cannot be had
   */
  public static ReferenceImages load(DataSetSettings dataset) throws IOException {
    return of(dataset.kind(), dataset.load(Split.TRAIN), () -> dataset.load(Split.TEST));
  }

  private static ReferenceImages of(
      String name, ImageDataSet training, IOSupplier<ImageDataSet> heldOut) throws IOException {
    try {
      ImageDataSet images = heldOut.get();
      return images.size() < 2
          ? new ReferenceImages(name, training, null, "there is only one")
          : new ReferenceImages(name, training, images, null);
    } catch (DataSetException e) {
      return new ReferenceImages(name, training, null, e.getMessage());
    }
  }

  /** Shape of the images. */
  public ImageShape shape() {
    return training.shape();
  }
}
