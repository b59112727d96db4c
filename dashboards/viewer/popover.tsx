import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';

export interface PopoverProps {
  /** what the button shows */
  face: ComponentChildren;
  /** read out in place of the face, and the name of what opens */
  label: string;
  class?: string;
  /** which edge of the button the opened part keeps to */
  align?: 'start' | 'end';
  children(close: () => void): ComponentChildren;
}

/** A button that opens a small dialog. Escape, a click elsewhere and leaving by Tab close it; focus goes back. */
export function Popover({ face, label, class: className = 'button', align = 'start', children }: PopoverProps) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const id = useId();
  const close = () => {
    setOpen(false);
    root.current?.querySelector('button')?.focus();
  };

  useEffect(() => {
    if (!open) return;
    panel.current?.querySelector<HTMLElement>('[autofocus], input, button, a')?.focus();
    const outside = ({ target }: Event) => {
      if (!root.current?.contains(target as Node)) setOpen(false);
    };
    const key = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      close();
    };
    document.addEventListener('pointerdown', outside);
    document.addEventListener('focusin', outside);
    root.current?.addEventListener('keydown', key);
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('focusin', outside);
      root.current?.removeEventListener('keydown', key);
    };
  }, [open]);

  return (
    <div class="popover" ref={root}>
      <button
        type="button"
        class={className}
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        aria-label={label}
        title={label}
        onClick={() => setOpen(!open)}
      >
        {face}
      </button>
      {open && (
        <div class={`sheet ${align}`} id={id} role="dialog" aria-label={label} ref={panel}>
          {children(close)}
        </div>
      )}
    </div>
  );
}
