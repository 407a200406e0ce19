import HTTPTypes
import Hummingbird
import NIOCore
import SaleCore
import SaleService

/// Orders as a stream of lines: one page is in memory at a time, and the client's pace is the
/// stores'.
enum OrderExport {
    case csv
    case ndjson

    /// - Parameter values: of `Accept`; `nil` where they want neither, or JSON as well.
    init?(accepted values: [String]) {
        let types = values.flatMap { $0.split(separator: ",") }.map { type in
            type.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        }
        switch types.first(where: { ["text/csv", "application/x-ndjson", "application/json", "*/*"].contains($0) }) {
        case "text/csv": self = .csv
        case "application/x-ndjson": self = .ndjson
        default: return nil
        }
    }

    func response(of orders: OrderOperations, _ filter: OrderFilter, before cursor: OrderID?, countMax: Int?) -> Response {
        let pages = OrderExportPages(export: self, orders: orders, filter: filter, cursor: cursor, countMax: countMax)
        return Response(
            status: .ok, headers: [.contentType: contentType, .cacheControl: "no-store"], body: ResponseBody(asyncSequence: pages))
    }

    /// What stands before the first order.
    fileprivate var header: ByteBuffer {
        switch self {
        case .csv: ByteBuffer(string: OrderCSV.header)
        case .ndjson: ByteBuffer()
        }
    }

    fileprivate func lines(of page: [Order], _ money: [OrderID: OrderMoney]) throws -> ByteBuffer {
        var bytes = ByteBuffer()
        for order in page { try write(OperatorOrder(order, money[order.id]), into: &bytes) }
        return bytes
    }

    private var contentType: String {
        switch self {
        case .csv: "text/csv; charset=utf-8; header=present"
        case .ndjson: "application/x-ndjson"
        }
    }

    private func write(_ order: OperatorOrder, into bytes: inout ByteBuffer) throws {
        switch self {
        case .csv: bytes.writeString(OrderCSV.line(order))
        case .ndjson:
            var line = try ByteBuffer.json(order)
            bytes.writeBuffer(&line)
            bytes.writeInteger(UInt8(ascii: "\n"))
        }
    }
}

/// Asked for the next page when the last one is on its way.
private struct OrderExportPages: AsyncSequence, Sendable {
    let export: OrderExport
    let orders: OrderOperations
    let filter: OrderFilter
    let cursor: OrderID?
    let countMax: Int?

    func makeAsyncIterator() -> Iterator { Iterator(pages: self, cursor: cursor, left: countMax ?? .max) }

    struct Iterator: AsyncIteratorProtocol {
        let pages: OrderExportPages
        var cursor: OrderID?
        var left: Int
        var hasBegun = false

        mutating func next() async throws -> ByteBuffer? {
            if !hasBegun {
                hasBegun = true
                let header = pages.export.header
                if header.readableBytes > 0 { return header }
            }
            guard left > 0 else { return nil }
            let count = Swift.min(Limits.operatorPageMax, left)
            let page = try await pages.orders.orders(pages.filter, before: cursor, countMax: count)
            left = page.count == count ? left - count : 0
            cursor = page.last?.id
            return page.isEmpty ? nil : try pages.export.lines(of: page, try await pages.orders.money(of: page))
        }
    }
}
