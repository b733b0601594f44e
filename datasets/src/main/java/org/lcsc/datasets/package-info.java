/** Image data sets. */
package org.lcsc.datasets;
