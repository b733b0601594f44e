/**
 * Pictures as PNG and SVG, without a display and without a library. A {@link
 * org.lcsc.cli.drawing.Canvas} is what they are drawn on; {@link org.lcsc.cli.drawing.ImageCanvas}
 * paints pixels, {@link org.lcsc.cli.drawing.SvgCanvas} writes the elements of {@link
 * org.lcsc.cli.drawing.SvgElements}.
 */
package org.lcsc.cli.drawing;
