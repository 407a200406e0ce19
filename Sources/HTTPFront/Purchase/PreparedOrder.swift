import NIOCore
import SaleCore

/// The last answer to an order, for the next that differs from it in its ids alone, as all of one
/// batch do. Writing that is one copy with three ids in it.
struct PreparedOrder {
    private struct Answer {
        var order: Order
        var isCommitted: Bool
        var isReplay: Bool
        var frame: AnswerFrame
        var closes: Bool
        var ids: OrderAnswerIDs
    }

    private var answer: Answer?
    private var bytes = ByteBuffer()

    /// Appends what `PurchaseAnswer` would. See there.
    mutating func write(
        _ order: Order, isCommitted: Bool, isReplay: Bool, _ frame: AnswerFrame, closes: Bool, body: inout ByteBuffer, into buffer: inout ByteBuffer
    ) {
        if case .number(let id) = frame.requestID, let answer, answer.isCommitted == isCommitted, answer.isReplay == isReplay,
            answer.closes == closes, answer.order.saysTheSame(as: order), answer.frame.saysTheSame(as: frame)
        {
            return copy(order.id, requestID: id, answer.ids, into: &buffer)
        }
        let start = buffer.writerIndex
        let ids = PurchaseAnswer.order(order, isCommitted: isCommitted, isReplay: isReplay).write(frame, closes: closes, body: &body, into: &buffer)
        // A name that a proxy gave may be of any length.
        guard case .number = frame.requestID, let ids else { return }
        answer = Answer(order: order, isCommitted: isCommitted, isReplay: isReplay, frame: frame, closes: closes, ids: ids)
        bytes.clear()
        bytes.writeBytes(buffer.readableBytesSpan.extracting((start - buffer.readerIndex)...))
    }

    private func copy(_ order: OrderID, requestID: UInt64, _ ids: OrderAnswerIDs, into buffer: inout ByteBuffer) {
        let text = bytes.readableBytesSpan
        buffer.writeWithOutputRawSpan(minimumWritableBytes: text.byteCount) { cursor in
            cursor.write(text.extracting(first: ids.request))
            cursor.write(hexadecimal: requestID)
            cursor.write(text.extracting(ids.request + RequestID.numberByteCount..<ids.location))
            cursor.write(order)
            cursor.write(text.extracting(ids.location + OrderID.byteCount..<ids.body))
            cursor.write(order)
            cursor.write(text.extracting((ids.body + OrderID.byteCount)...))
        }
    }
}

extension Order {
    /// `OrderJSON` writes the same of `other`, but for the id. What nearly always differs comes
    /// first.
    fileprivate func saysTheSame(as other: Self) -> Bool {
        createdAt == other.createdAt && payBy == other.payBy && quantity == other.quantity && unitPrice == other.unitPrice && state == other.state
            && refundDue == other.refundDue && sku.rawValue == other.sku.rawValue && sale.rawValue == other.sale.rawValue
            && currency.code == other.currency.code
    }
}

extension AnswerFrame {
    /// The headers say the same of `other`, but for the request's id.
    fileprivate func saysTheSame(as other: Self) -> Bool {
        guard date == other.date, preferenceApplied == other.preferenceApplied, allowedOrigin === other.allowedOrigin else { return false }
        switch (rateLimit, other.rateLimit) {
        case (nil, nil): return true
        case (let rateLimit?, let others?): return rateLimit.saysTheSame(as: others)
        case (nil, _?), (_?, nil): return false
        }
    }
}

extension OrderID {
    /// Of its text.
    fileprivate static let byteCount = 36
}
