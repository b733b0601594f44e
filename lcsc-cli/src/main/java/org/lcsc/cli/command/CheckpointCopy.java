package org.lcsc.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.tensor.CheckpointFormat;

/** A copy of another framework's parameters in their own format. */
record CheckpointCopy() implements ExportForm {

  @Override
  public Exported export(ExportSource source, ExportTarget target) throws IOException {
    CheckpointFormat format = CheckpointFormat.of(source.model()).orElseThrow();
    OutputFile.check("--out", target.file(), format.suffix());
    target.write(
        source,
        copy -> {
          Files.copy(source.model(), copy);
          InvalidInputException.reading(() -> format.open(copy)).close();
        },
        Map.of());
    return new Exported(List.of(target.file()), source.text());
  }
}
