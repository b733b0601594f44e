package org.lcsc.cli.output;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.lcsc.image.PixelValues;
import org.lcsc.io.AtomicFiles;
import org.lcsc.io.HostArrays;
import org.lcsc.io.Text;
import org.lcsc.tensor.NpzFormat;
import org.lcsc.tensor.Tensor;
import org.lcsc.tensor.TensorType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Writes images of a model, {@code [N, C, H, W]} in [-1, 1], one by one. Thread-safe. */
public final class SampleFiles {

  private static final SampleGrid SINGLE = new SampleGrid(1, 0, 1);

  private SampleFiles() {}

  /**
   * Writes {@code 000000.png} and so on, those of several models each in a folder of its own. The
   * folder appears whole or not at all.
   *
   * @param folder not there yet
   */
  public static void writeFolder(Path folder, List<SampleGrid.Captioned> models)
      throws IOException {
    NewFolder.write(
        folder,
        begun -> {
          DistinctNames names = new DistinctNames();
          for (SampleGrid.Captioned model : models) {
            String name = names.of(model.caption().replace('/', '-'));
            Path own = models.size() == 1 ? begun : begun.resolve(name);
            for (long i = 0; i < model.images().size(0); i++) {
              SINGLE.write(
                  own.resolve(Text.format("%06d.png", i)),
                  model.images().get(NDArrayIndex.interval(i, i + 1)));
            }
          }
        });
  }

  /** Writes a {@code .npz} file with uint8 {@code arr_0} of shape {@code [N, H, W, C]}. */
  public static void writeArchive(Path file, INDArray images) throws IOException {
    INDArray channelsLast = images.permute(0, 2, 3, 1);
    long perImage = images.length() / images.size(0);
    Tensor array =
        new Tensor(
            "arr_0",
            TensorType.UINT8,
            List.of(images.size(0), images.size(2), images.size(3), images.size(1)));
    AtomicFiles.writeFile(
        file,
        whole ->
            NpzFormat.write(
                whole,
                List.of(array),
                (tensor, from, target) -> {
                  long first = from / perImage;
                  long end = (from + target.remaining() - 1) / perImage + 1;
                  float[] values =
                      HostArrays.floats(channelsLast.get(NDArrayIndex.interval(first, end)));
                  for (int at = (int) (from - first * perImage); target.hasRemaining(); at++) {
                    target.put((byte) PixelValues.toByte(values[at]));
                  }
                }));
  }
}
