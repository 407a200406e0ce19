package import NIOCore
import SaleCore
package import SaleService

/// The arguments and replies of the two scripts that decide purchases; their forms are told in
/// `reserve.lua` and `reserve_item.lua`.
package enum ReserveCall {
    /// Writes the call of the script that takes `batch`.
    package static func write(_ batch: ReservationBatch, _ prepared: PreparedCalls, into buffer: inout ByteBuffer) {
        if let first = batch.requests.first, areAlike(batch.requests, first) {
            writeOfOneItem(batch, first, prepared, into: &buffer)
        } else {
            writeOfAnyItems(batch, prepared, into: &buffer)
        }
    }

    /// By index, as a copy of a request retains each of its names.
    private static func areAlike(_ requests: [ReservationRequest], _ first: ReservationRequest) -> Bool {
        requests.indices.allSatisfy {
            requests[$0].purchase.key == nil && requests[$0].purchase.quantity == first.purchase.quantity
                && requests[$0].purchase.sku == first.purchase.sku
        }
    }

    private static func writeOfOneItem(
        _ batch: ReservationBatch, _ first: ReservationRequest, _ prepared: PreparedCalls, into buffer: inout ByteBuffer
    ) {
        buffer.writeCommandHeader(wordCount: PreparedCalls.reserveItemWordCount + 2 + 2 * batch.requests.count)
        buffer.writeImmutableBuffer(prepared.reserveItem)
        buffer.writeWord(batch.epoch.number)
        buffer.writeWithOutputRawSpan(minimumWritableBytes: first.purchase.sku.rawValue.utf8.count + OutputRawSpan.wordOverheadMax) { span in
            span.writeWord(first.purchase.sku.rawValue, first.purchase.quantity)
        }
        for index in batch.requests.indices {
            let user = batch.requests[index].purchase.user.rawValue
            buffer.writeWithOutputRawSpan(minimumWritableBytes: 36 + user.utf8.count + 2 * OutputRawSpan.wordOverheadMax) { span in
                span.writeWord(batch.requests[index].order)
                span.writeWord(user)
            }
        }
    }

    static func writeOfAnyItems(_ batch: ReservationBatch, _ prepared: PreparedCalls, into buffer: inout ByteBuffer) {
        buffer.writeCommandHeader(wordCount: PreparedCalls.reserveWordCount + 1 + 3 * batch.requests.count)
        buffer.writeImmutableBuffer(prepared.reserve)
        buffer.writeWord(batch.epoch.number)
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

    /// `nil` when `reply` is not what a script answers to `requestCount` requests.
    package static func reply(from reply: [UInt8], requestCount: Int) -> ReservationReply? {
        var words = reply.split(separator: UInt8(ascii: " "))[...]
        guard let first = words.popFirst() else { return nil }
        if first.elementsEqual("notloaded".utf8) { return .notLoaded }
        if first.elementsEqual("stale".utf8) {
            return words.popFirst().flatMap(number).map { .staleEpoch(current: Epoch($0)) }
        }
        guard let now = number(first) else { return nil }
        if words == [[UInt8(ascii: "G")]] {
            return .decided(at: Timestamp(milliseconds: now), verdicts: Array(repeating: .granted, count: requestCount))
        }
        var verdicts: [ReservationVerdict] = []
        verdicts.reserveCapacity(requestCount)
        for word in words {
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
