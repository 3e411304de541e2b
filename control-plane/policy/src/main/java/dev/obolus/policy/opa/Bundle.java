// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.opa;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** Takes the module out of the gzipped tar (ustar) that {@code opa build} writes. */
final class Bundle {
  private static final int BLOCK = 512;
  private static final int MAX_MODULE = 64 * 1024 * 1024;

  private Bundle() {}

  static byte[] module(Path bundle) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new GZIPInputStream(Files.newInputStream(bundle)))) {
      byte[] header = new byte[BLOCK];
      while (true) {
        in.readFully(header);
        int size = size(header);
        byte[] content = new byte[size];
        in.readFully(content);
        in.skipNBytes((BLOCK - size % BLOCK) % BLOCK);
        if (text(header, 0, 100).endsWith("policy.wasm")) {
          return content;
        }
      }
    } catch (EOFException _) {
      throw new IOException("opa built no module");
    }
  }

  private static int size(byte[] header) throws IOException {
    String octal = text(header, 124, 12);
    int size = octal.isEmpty() ? 0 : Integer.parseInt(octal, 8);
    if (size > MAX_MODULE) {
      throw new IOException("opa built too large a module");
    }
    return size;
  }

  private static String text(byte[] header, int from, int length) {
    int end = from;
    while (end < from + length && header[end] != 0) {
      end++;
    }
    return new String(header, from, end - from, StandardCharsets.US_ASCII).strip();
  }
}
