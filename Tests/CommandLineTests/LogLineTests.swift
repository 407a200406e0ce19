import Logging
import SaleCore
import ServerAssembly
import Testing

@testable import seckill

@Suite struct LogLineTests {
    private let line = LogLine(
        time: Timestamp(milliseconds: 1_001), level: .error, label: "test", message: "one\ntwo",
        fields: ["sale": "demo", "error": "it \"broke\"\u{1}"])

    @Test func aTextIsOneLineWithItsFieldsInOrder() {
        #expect(line.text(.text) == "1970-01-01T00:00:01.001Z ERROR    one\\ntwo error=\"it \\\"broke\\\"\\u0001\" sale=demo\n")
    }

    @Test func jsonIsOneLineToo() {
        #expect(
            line.text(.json)
                == "{\"time\":\"1970-01-01T00:00:01.001Z\",\"level\":\"error\",\"logger\":\"test\",\"message\":\"one\\ntwo\","
                + "\"error\":\"it \\\"broke\\\"\\u0001\",\"sale\":\"demo\"}\n")
    }
}
