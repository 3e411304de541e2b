// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.Refusal;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads one JSON object so that there is one way to understand it: no member twice, no null, no
 * character that is none, nothing after the end, and no number, depth or length without a limit.
 * Values are {@code String}, {@code Long}, {@code BigDecimal}, {@code Boolean}, {@code List} and
 * {@code Map}.
 */
final class StrictJson {
  private static final int MAX_DEPTH = 32;
  private static final int MAX_NUMBER_LENGTH = 64;
  private static final int MAX_EXPONENT = 400;
  private static final int MAX_MEMBERS = 10_000;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(MAX_NUMBER_LENGTH)
                  .maxNameLength(256)
                  .maxStringLength(1 << 20)
                  .maxTokenCount(MAX_MEMBERS)
                  .build())
          .build();

  private StrictJson() {}

  /** The object, or a {@link Refusal} that points at what is wrong. */
  static Map<String, Object> read(byte[] body) {
    String text = utf8(body);
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      return readDocument(parser);
    } catch (JacksonException unreadable) {
      throw malformed("", "The body is not JSON within the limits.");
    }
  }

  private static Map<String, Object> readDocument(JsonParser parser) {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw malformed("", "The body is not one JSON object.");
    }
    Map<String, Object> object = object(parser, "");
    if (parser.nextToken() != null) {
      throw malformed("", "Something follows the JSON object.");
    }
    return object;
  }

  private static Map<String, Object> object(JsonParser parser, String pointer) {
    Map<String, Object> members = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = wellFormed(parser.currentName(), pointer);
      String member = pointer + "/" + name.replace("~", "~0").replace("/", "~1");
      JsonToken first = parser.nextToken();
      if (members.put(name, value(parser, first, member)) != null) {
        throw malformed(member, "The member is there twice.");
      }
    }
    return members;
  }

  private static List<Object> array(JsonParser parser, String pointer) {
    List<Object> items = new ArrayList<>();
    for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
      items.add(value(parser, t, pointer + "/" + items.size()));
    }
    return items;
  }

  private static Object value(JsonParser parser, JsonToken token, String pointer) {
    return switch (token) {
      case START_OBJECT -> object(parser, pointer);
      case START_ARRAY -> array(parser, pointer);
      case VALUE_STRING -> wellFormed(parser.getString(), pointer);
      case VALUE_NUMBER_INT -> integer(parser, pointer);
      case VALUE_NUMBER_FLOAT -> decimal(parser.getDecimalValue(), pointer);
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> throw malformed(pointer, "Null is not taken; leave the member out.");
      case NOT_AVAILABLE, END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT ->
          throw malformed(pointer, "The body is not JSON.");
    };
  }

  private static Object integer(JsonParser parser, String pointer) {
    return switch (parser.getNumberType()) {
      case INT, LONG -> parser.getLongValue();
      case BIG_INTEGER, FLOAT, DOUBLE, BIG_DECIMAL -> decimal(parser.getDecimalValue(), pointer);
    };
  }

  private static BigDecimal decimal(BigDecimal number, String pointer) {
    if (Math.abs((long) number.scale()) > MAX_EXPONENT) {
      throw malformed(pointer, "The number is too large or too small.");
    }
    return number;
  }

  /** No NUL, which no source takes, and no half of a surrogate pair, which no encoding has. */
  private static String wellFormed(String text, String pointer) {
    if (text.indexOf('\0') >= 0 || !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw malformed(pointer, "The text holds something that is not a character.");
    }
    return text;
  }

  private static String utf8(byte[] body) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException notUtf8) {
      throw malformed("", "The body is not UTF-8.");
    }
  }

  private static Refusal malformed(String pointer, String detail) {
    return Refusal.at(ErrorCode.MALFORMED, pointer, detail);
  }
}
