form-email-wrong = Non sembra un indirizzo di posta: controlla la chiocciola e il dominio.
