package import NIOCore
import SaleCore
package import SaleService

/// The reserve script's arguments and reply; the form of both is told in `reserve.lua`.
package enum ReserveCall {
    package static func write(_ batch: ReservationBatch, _ prepared: PreparedCalls, into buffer: inout ByteBuffer) {
        buffer.writeCommandHeader(wordCount: PreparedCalls.reserveWordCount + 1 + 3 * batch.requests.count)
        buffer.writeImmutableBuffer(prepared.reserve)
        buffer.writeWord(batch.epoch)
        for request in batch.requests {
            let (user, sku, key) = (request.user.rawValue, request.sku.rawValue, request.key?.rawValue)
            let byteCountMax = 36 + user.utf8.count + sku.utf8.count + (key?.utf8.count ?? 0) + 3 * OutputRawSpan.wordOverheadMax
            buffer.writeWithOutputRawSpan(minimumWritableBytes: byteCountMax) { span in
                span.writeWord(request.order)
                span.writeWord(sku, request.quantity)
                if let key { span.writeWord(user, key) } else { span.writeWord(user) }
            }
        }
    }

    /// `nil` when `reply` is not what the script answers to `requestCount` requests.
    package static func reply(from reply: [UInt8], requestCount: Int) -> ReservationReply? {
        var words = reply.split(separator: UInt8(ascii: " ")).makeIterator()
        guard let first = words.next() else { return nil }
        if first.elementsEqual("notloaded".utf8) { return .notLoaded }
        if first.elementsEqual("stale".utf8) {
            return words.next().flatMap(number).map { .staleEpoch(current: $0) }
        }
        guard let now = number(first) else { return nil }
        var verdicts: [ReservationVerdict] = []
        verdicts.reserveCapacity(requestCount)
        while let word = words.next() {
            guard let verdict = verdict(word) else { return nil }
            verdicts.append(verdict)
        }
        return verdicts.count == requestCount ? .decided(at: Timestamp(milliseconds: now), verdicts: verdicts) : nil
    }

    private static func verdict(_ word: ArraySlice<UInt8>) -> ReservationVerdict? {
        let rest = word.dropFirst()
        return switch (word[word.startIndex], rest.isEmpty) {
        case (UInt8(ascii: "g"), true): .granted
        case (UInt8(ascii: "m"), true): .keyMismatch
        case (UInt8(ascii: "n"), true): .notStarted
        case (UInt8(ascii: "p"), true): .paused
        case (UInt8(ascii: "c"), true): .closed
        case (UInt8(ascii: "u"), true): .unknownSKU
        case (UInt8(ascii: "l"), true): .limitReached(nil)
        case (UInt8(ascii: "l"), false): order(rest).map { .limitReached($0) }
        case (UInt8(ascii: "r"), false): order(rest).map { .replayed($0) }
        case (UInt8(ascii: "s"), false): number(rest).map { .soldOut(left: $0) }
        default: nil
        }
    }

    private static func order(_ bytes: ArraySlice<UInt8>) -> OrderID? {
        OrderID(String(decoding: bytes, as: UTF8.self))
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int64? {
        Int64(String(decoding: bytes, as: UTF8.self))
    }
}
