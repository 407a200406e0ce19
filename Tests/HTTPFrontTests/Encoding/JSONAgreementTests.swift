import Foundation
import NIOCore
import Testing

@testable import HTTPFront

/// The reader and Foundation's agree on what JSON is, on texts that are right and on texts with a
/// byte changed. Set aside is what Foundation takes beyond RFC 8259 or beyond our bounds (a member
/// twice, deep nesting, a comma before a closing bracket) and what it refuses below it (a number
/// that no `Double` holds).
@Suite struct JSONAgreementTests {
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func readerAgreesWithFoundationOnSyntax(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var accepted = 0
        for _ in 0..<3_000 {
            var bytes = Array(Self.object(depth: 0, &random).utf8)
            if Bool.random(using: &random) { Self.mutate(&bytes, &random) }
            let verdict = Self.read(bytes)
            if verdict?.reason == .duplicateMember || verdict?.reason == .tooDeep || Self.isClosedAfterComma(bytes, verdict) { continue }
            if verdict == nil, String(decoding: bytes, as: UTF8.self).contains(/[eE][+-]?[0-9]{3}/) { continue }
            let isOurs = verdict == nil || verdict?.reason == .notAnObject
            let isFoundations = (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
            // Foundation steps over a byte order mark and reads other encodings by their zero
            // bytes.
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) || bytes.prefix(4).contains(0) { continue }
            #expect(isOurs == isFoundations, "seed \(seed): \(String(decoding: bytes, as: UTF8.self).debugDescription)")
            if isOurs { accepted += 1 }
        }
        #expect(accepted > 500)
    }

    @Test func stringsAreReadAsFoundationReadsThem() throws {
        var random = SeededGenerator(seed: 99)
        for _ in 0..<2_000 {
            let text = "{\"a\":\(Self.string(&random))}"
            var ours: JSONMember?
            try FlatJSONReader.read(Array(text.utf8)) { _, value in ours = value }
            let theirs = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: String])["a"]
            #expect(ours == .scalar(.string(try #require(theirs))), "\(text)")
        }
    }

    private static func read(_ bytes: [UInt8]) -> JSONSyntaxError? {
        do throws(JSONSyntaxError) {
            try FlatJSONReader.read(bytes) { _, _ in }
            return nil
        } catch {
            return error
        }
    }

    private static func isClosedAfterComma(_ bytes: [UInt8], _ verdict: JSONSyntaxError?) -> Bool {
        guard let verdict, verdict.offset < bytes.count, "]}".utf8.contains(bytes[verdict.offset]) else { return false }
        return bytes[..<verdict.offset].last { $0 > 0x20 } == UInt8(ascii: ",")
    }

    private static func object(depth: Int, _ random: inout SeededGenerator) -> String {
        let members = (0..<Int.random(in: 0...4, using: &random)).map { index in
            "\(space(&random))\"m\(index)\"\(space(&random)):\(space(&random))\(value(depth: depth + 1, &random))\(space(&random))"
        }
        return "\(space(&random)){\(members.joined(separator: ","))\(space(&random))}\(space(&random))"
    }

    private static func value(depth: Int, _ random: inout SeededGenerator) -> String {
        switch Int.random(in: 0...(depth < 4 ? 7 : 5), using: &random) {
        case 0: return ["true", "false", "null"].randomElement(using: &random)!
        case 1, 2: return string(&random)
        case 3: return "\(Int.random(in: -5_000...5_000, using: &random))"
        case 4: return "\(Double.random(in: -1e6...1e6, using: &random))"
        case 5: return ["0", "-0", "1e3", "1E+2", "2.50e-1", "12345678901234567890"].randomElement(using: &random)!
        case 6: return object(depth: depth, &random)
        default:
            let values = (0..<Int.random(in: 0...3, using: &random)).map { _ in value(depth: depth + 1, &random) }
            return "[\(values.joined(separator: ","))]"
        }
    }

    private static func string(_ random: inout SeededGenerator) -> String {
        let pieces = ["a", "Z", "0", "é", "漢", "🎁", "\\n", "\\\"", "\\\\", "\\/", "\\u00e9", "\\ud83c\\udf81", "\\b\\f\\r\\t", " "]
        return "\"" + (0..<Int.random(in: 0...6, using: &random)).map { _ in pieces.randomElement(using: &random)! }.joined() + "\""
    }

    private static func space(_ random: inout SeededGenerator) -> String { ["", "", "", " ", "\n", "\t\r"].randomElement(using: &random)! }

    private static func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        let index = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0...3, using: &random) {
        case 0: bytes.remove(at: index)
        case 1: bytes.insert(Array("{}[]\",:0-.eE\\u1 \u{1}".utf8).randomElement(using: &random)!, at: index)
        case 2: bytes[index] = .random(in: 0...255, using: &random)
        default: bytes.removeSubrange(index...)
        }
    }
}
