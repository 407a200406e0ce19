import SaleCore

extension SaleFile {
    /// A sale as `seckill sale apply` takes it: applied, it changes nothing, and is refused once
    /// somebody has changed the sale.
    static func text(_ sale: Sale) -> String {
        let items = sale.items.map { item in
            """
              - { sku: \(quoted(item.sku.rawValue)), title: \(quoted(item.title)), unit_price: \(item.unitPrice), currency: \(item.currency), \
            stock: \(item.loaded), limit_per_user: \(item.limitPerUser) }

            """
        }
        return """
            sale: \(quoted(sale.id.rawValue))
            # What this was made from. Without the line, the sale may have changed since.
            version: \(sale.version)
            title: \(quoted(sale.title))
            opens_at: \(sale.opensAt)
            closes_at: \(sale.closesAt)
            pay_within: \(DurationText.text(milliseconds: sale.payWithinMilliseconds))
            items:
            \(items.joined())
            """
    }

    /// Quoted always: `null`, `1e3` and `no` are names, too.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22, 0x5C: quoted += "\\\(scalar)"
            // What YAML takes for the end of a line, or for nothing.
            case 0x7F...0x9F, 0x2028, 0x2029, 0xFEFF: quoted += "\\u" + String(String(scalar.value + 0x10000, radix: 16).suffix(4))
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// A file to start from.
    static func template(_ name: SaleID, now: Timestamp) -> String {
        let hour: Int64 = 3_600_000
        let opensAt = Timestamp(milliseconds: (now.milliseconds / hour + 25) * hour)
        return """
            # A sale, for: seckill sale apply -f FILE [--dry-run]
            # Its name, in URLs: 1–64 of a-z 0-9 . _ -, beginning with a letter or digit. It cannot be changed.
            sale: \(name)
            # What buyers read.
            title: My flash sale
            # RFC 3339, with any offset. Buyers are served by Redis's clock.
            opens_at: \(opensAt)
            closes_at: \(opensAt.advanced(milliseconds: 2 * hour))
            # How long a buyer may take to pay; then the units go on sale again. 1s to 30d.
            pay_within: 15m
            items:
              # unit_price is in the currency's minor unit: 399900 CNY are 3999.00. limit_per_user is in units.
              - sku: phone-x
                title: Phone X
                unit_price: 399900
                currency: CNY
                stock: 1000
                limit_per_user: 1
              - { sku: buds-2, title: Buds 2, unit_price: 29900, currency: CNY, stock: 5000, limit_per_user: 2 }

            """
    }
}
